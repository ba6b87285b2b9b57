import { Cidr, IpRange, Ipv4 } from '../../modules/model/addresses';
import type { ClusterPlan, NodePlan, NodeRole } from '../../modules/model/cluster-plan';

const node = (role: NodeRole, index: number, address: string, vmId: number): NodePlan => ({
  name: `${role}${index}`,
  role,
  pool: role,
  index,
  address: Ipv4.parse(address),
  vmId,
  vmName: `talos-${role}${index}`,
  host: 'atlas',
  placedBy: 'rule',
  size: { cores: 4, memoryMiB: 4096, diskGiB: 40 },
});

/** Two control planes and a worker, written out: what constructs read, without what makes it of a spec. */
export const examplePlan = (differences: Partial<ClusterPlan> = {}): ClusterPlan => ({
  name: 'infrastructure',
  stack: 'infrastructure',
  network: {
    cidr: Cidr.parse('10.0.0.0/16'),
    gateway: Ipv4.parse('10.0.0.1'),
    nameServers: [Ipv4.parse('1.1.1.1'), Ipv4.parse('8.8.8.8')],
    timeServers: ['time.cloudflare.com'],
  },
  podCidr: Cidr.parse('10.244.0.0/16'),
  serviceCidr: Cidr.parse('10.96.0.0/12'),
  endpoint: { vip: Ipv4.parse('10.0.3.1'), port: 6443, url: 'https://10.0.3.1:6443', provider: 'kube-vip' },
  loadBalancerPools: [
    { name: 'ingress', range: IpRange.parse('10.0.3.2'), autoAssign: true },
    { name: 'dns', range: IpRange.parse('10.0.3.3'), autoAssign: false },
    { name: 'services', range: IpRange.parse('10.0.3.4-10.0.3.20'), autoAssign: true },
  ],
  proxmox: {
    endpoint: 'https://atlas.example:8006/',
    insecure: false,
    hosts: ['atlas'],
    failureDomains: { atlas: 'atlas' },
    imageStorage: 'local',
    diskStorage: 'local-lvm',
    bridge: 'vmbr0',
    tag: 'groundwork-infrastructure',
  },
  imageFactory: 'https://factory.talos.dev',
  discovery: true,
  tailscale: false,
  versions: {
    talos: '1.13.9',
    talosContract: '1.9',
    kubernetes: '1.35.0',
    kubeVip: '0.9.2',
    cilium: '1.19.6',
    flux: '2.18.3',
    fluxSync: '1.14.5',
  },
  flux: { repository: 'https://git.example/infrastructure.git', branch: 'main', path: './platform/infrastructure' },
  platform: { gateway: 'cilium', tlsEnd: 'outside', storage: 'proxmox-csi', applications: [] },
  nodes: [
    node('controlplane', 0, '10.0.1.1', 1500),
    node('controlplane', 1, '10.0.1.2', 1501),
    node('worker', 0, '10.0.2.1', 2000),
  ],
  nodePools: [
    { name: 'controlplane', role: 'controlplane', count: 2, firstAddress: Ipv4.parse('10.0.1.1') },
    { name: 'worker', role: 'worker', count: 1, firstAddress: Ipv4.parse('10.0.2.1') },
  ],
  schedulableControlPlanes: false,
  ...differences,
});
