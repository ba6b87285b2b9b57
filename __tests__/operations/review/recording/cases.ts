import type { ClusterSpec } from '../../../../modules/model/cluster-spec';
import { infrastructure } from '../../../../clusters/infrastructure';

/** One plan of the real Terraform: what is changed about the deployed default cluster, and how it is planned. */
export interface RecordedCase {
  /** Name of the file in plans/. */
  readonly name: string;
  /** What a person wrote instead of the default cluster. */
  readonly spec?: ClusterSpec;
  /** Further parameters of `terraform plan`. */
  readonly parameters?: readonly string[];
  /** What is done to the simulated Proxmox before, as requests to its API: method, path, and fields. */
  readonly outside?: readonly (readonly ['PUT' | 'POST' | 'DELETE', string, Readonly<Record<string, string>>])[];
}

const base = infrastructure;
const { controlplane, worker } = base.nodePools as Record<'controlplane' | 'worker', ClusterSpec['nodePools'][string]>;
const pools = (
  control: Partial<ClusterSpec['nodePools'][string]>,
  work: Partial<ClusterSpec['nodePools'][string]> = {},
): ClusterSpec => ({
  ...base,
  nodePools: { controlplane: { ...controlplane, ...control }, worker: { ...worker, ...work } },
});
const versions = (changed: ClusterSpec['versions']): ClusterSpec => ({ ...base, versions: changed ?? {} });
const replaced = (...addresses: readonly string[]): readonly string[] =>
  addresses.map((address) => `-replace=${address}`);
const vm = (node: string): string => `proxmox_virtual_environment_vm.${node}_vm`;

const [atlas, nyx] = [{ host: 'atlas' }, { host: 'nyx' }];
const secondHost: ClusterSpec = {
  ...pools(
    { nodes: { controlplane0: atlas, controlplane1: nyx, controlplane2: atlas } },
    { nodes: { worker0: nyx, worker1: atlas } },
  ),
  proxmox: { ...base.proxmox, hosts: ['atlas', 'nyx'] },
};

/** In this order: the last ones change what is there outside Terraform. */
export const CASES: readonly RecordedCase[] = [
  { name: 'no-change' },
  { name: 'worker-added', spec: pools({}, { count: 3 }) },
  { name: 'worker-removed', spec: pools({}, { count: 1 }) },
  { name: 'workers-all-removed', spec: pools({}, { count: 0 }) },
  { name: 'control-planes-3-to-5', spec: pools({ count: 5 }) },
  { name: 'control-planes-3-to-4', spec: pools({ count: 4 }) },
  { name: 'control-planes-3-to-2', spec: pools({ count: 2 }) },
  { name: 'control-planes-3-to-1', spec: pools({ count: 1 }) },
  { name: 'worker-memory', spec: pools({}, { size: { memoryMiB: 8192 } }) },
  { name: 'control-plane-memory', spec: pools({ size: { memoryMiB: 8192 } }) },
  { name: 'worker-cores', spec: pools({}, { size: { cores: 6 } }) },
  { name: 'worker-disk-grown', spec: pools({}, { size: { diskGiB: 60 } }) },
  { name: 'worker-disk-shrunk', spec: pools({}, { size: { diskGiB: 20 } }) },
  { name: 'disk-storage', spec: { ...base, proxmox: { ...base.proxmox, diskStorage: 'fast' } } },
  { name: 'image-storage', spec: { ...base, proxmox: { ...base.proxmox, imageStorage: 'images' } } },
  { name: 'bridge', spec: { ...base, proxmox: { ...base.proxmox, bridge: 'vmbr1' } } },
  { name: 'second-host', spec: secondHost },
  { name: 'worker-vm-ids', spec: pools({}, { firstVmId: 2100 }) },
  { name: 'worker-addresses', spec: pools({}, { firstAddress: '10.0.2.11' }) },
  { name: 'pool-renamed', spec: { ...base, nodePools: { controlplane, node: worker } } },
  { name: 'kubernetes-patch-up', spec: versions({ kubernetes: '1.35.1' }) },
  { name: 'kubernetes-minor-down', spec: versions({ kubernetes: '1.34.1' }) },
  { name: 'talos-patch-up', spec: versions({ talos: '1.13.10' }) },
  { name: 'talos-patch-down', spec: versions({ talos: '1.13.8' }) },
  { name: 'kube-vip-version', spec: versions({ kubeVip: '0.9.3' }) },
  { name: 'cilium-down', spec: versions({ cilium: '1.19.5' }) },
  { name: 'talos-contract', spec: { ...base, talos: { contract: '1.10' } } },
  { name: 'vip-address', spec: { ...base, vip: { address: '10.0.3.50' } } },
  { name: 'vip-provider', spec: { ...base, vip: { address: '10.0.3.1', provider: 'talos' } } },
  { name: 'name-servers', spec: { ...base, network: { ...base.network, nameServers: ['9.9.9.9'] } } },
  { name: 'time-servers', spec: { ...base, network: { ...base.network, timeServers: ['10.0.0.1'] } } },
  { name: 'pod-network', spec: { ...base, network: { ...base.network, podCidr: '10.245.0.0/16' } } },
  { name: 'discovery-off', spec: { ...base, talos: { discovery: false } } },
  { name: 'tailscale', spec: { ...base, tailscale: { enabled: true } } },
  { name: 'factory', spec: { ...base, images: { factory: 'https://factory.example.org' } } },
  { name: 'flux-branch', spec: { ...base, flux: { ...base.flux, branch: 'next' } } },
  { name: 'control-plane-replaced', parameters: replaced(vm('controlplane1')) },
  { name: 'control-planes-replaced', parameters: replaced(...['0', '1', '2'].map((n) => vm(`controlplane${n}`))) },
  { name: 'worker-replaced', parameters: replaced(vm('worker0')) },
  { name: 'secrets-replaced', parameters: replaced('talos_machine_secrets.identity_secrets') },
  { name: 'destroy', parameters: ['-destroy'] },
  {
    name: 'drift-tags',
    parameters: ['-refresh-only'],
    outside: [
      ['PUT', 'nodes/atlas/qemu/2000/config', { tags: 'groundwork-infrastructure;somebody;worker', memory: '6144' }],
    ],
  },
  { name: 'drift-repaired' },
  {
    name: 'worker-lost-outside',
    outside: [
      ['POST', 'nodes/atlas/qemu/2001/status/stop', {}],
      ['DELETE', 'nodes/atlas/qemu/2001', {}],
    ],
  },
  { name: 'drift-lost', parameters: ['-refresh-only'] },
];
