import { Cidr, IpRange, Ipv4 } from '../../modules/model/addresses';
import type { ClusterPlan, NodePlan, NodeRole, TailscalePlan } from '../../modules/model/cluster-plan';

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
  labels: {},
  taints: [],
  disks: [],
  networkCards: [{ bridge: 'vmbr0', firewall: false }],
  pciDevices: [],
  architecture: 'amd64',
  patches: [],
  highAvailability: false,
  protection: false,
  overrides: [],
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
  announcements: { by: 'metallb', peers: [] },
  cilium: { ipam: 'kubernetes' },
  proxmox: {
    endpoint: 'https://atlas.example:8006/',
    insecure: false,
    hosts: ['atlas'],
    arm64Hosts: [],
    failureDomains: { atlas: 'atlas' },
    imageStorage: 'local',
    diskStorage: 'local-lvm',
    bridge: 'vmbr0',
    sharedStorages: [],
    highAvailability: 'rules',
    scsiController: 'virtio-scsi-single',
    tag: 'groundwork-infrastructure',
  },
  images: { factory: 'https://factory.talos.dev', insecure: false, mode: 'per-node' },
  discovery: true,
  talos: {
    extensions: [],
    sysctls: {},
    kernelModules: {},
    registryMirrors: {},
    trustedCertificates: [],
    diskEncryption: 'none',
    secureBoot: false,
  },
  versions: {
    talos: '1.13.9',
    talosContract: '1.9',
    kubernetes: '1.35.0',
    kubeVip: '0.9.2',
    cilium: '1.19.6',
    flux: '2.18.3',
    fluxSync: '1.14.5',
  },
  state: { kind: 'local' },
  flux: {
    repository: 'https://git.example/infrastructure.git',
    branch: 'main',
    path: './platform/infrastructure',
    access: 'public',
    username: 'git',
    knownHosts: [],
    sops: false,
    sealedSecretsKey: false,
  },
  platform: {
    gateway: 'cilium',
    tlsEnd: 'outside',
    storage: 'proxmox-csi',
    secrets: 'sealed-secrets',
    applications: [],
  },
  nodes: [
    node('controlplane', 0, '10.0.1.1', 1500),
    node('controlplane', 1, '10.0.1.2', 1501),
    node('worker', 0, '10.0.2.1', 2000),
  ],
  nodePools: [
    { name: 'controlplane', role: 'controlplane', count: 2, firstAddress: Ipv4.parse('10.0.1.1'), strangers: [] },
    { name: 'worker', role: 'worker', count: 1, firstAddress: Ipv4.parse('10.0.2.1'), strangers: [] },
  ],
  schedulableControlPlanes: false,
  ...differences,
});

/** Tailscale with its defaults: what control planes advertise are the addresses of the pools ingress and dns. */
export const exampleTailscale: TailscalePlan = {
  credential: 'auth-key',
  tags: [],
  routes: [Cidr.parse('10.0.3.2/32'), Cidr.parse('10.0.3.3/32')],
  acceptRoutes: false,
};

/** Every choice of Talos at once, and a patch of each kind for the worker. */
export const planWithEveryChoice = (): ClusterPlan => {
  const plan = examplePlan();
  const patches = [
    { path: 'talos.patches[0]', patch: { machine: { kubelet: { extraArgs: { 'max-pods': '200' } } } } },
    { path: 'nodePools.worker.patches[0]', patch: WATCHDOG },
    { path: 'nodePools.worker.patches[1]', patch: OUT_OF_MEMORY },
  ];
  return examplePlan({
    images: { ...plan.images, factory: 'http://factory.lan:8080' },
    talos: {
      discoveryService: 'https://discovery.example.org',
      extensions: ['siderolabs/iscsi-tools'],
      sysctls: { 'vm.max_map_count': '262144' },
      kernelModules: { nbd: ['nbds_max=16'], br_netfilter: [] },
      registryMirrors: {
        'docker.io': { endpoints: ['https://harbor.lan/v2/docker.io'], skipFallback: true, overridePath: true },
        '*': { endpoints: ['https://mirror.lan', 'http://mirror2.lan:5000'], skipFallback: false, overridePath: false },
      },
      trustedCertificates: ['-----BEGIN CERTIFICATE-----\nMIIC0DCCAbigAwIBAgIUI7z\n-----END CERTIFICATE-----\n'],
      diskEncryption: 'tpm',
      secureBoot: true,
    },
    nodes: plan.nodes.map((node) =>
      node.role === 'worker'
        ? { ...node, patches, disks: [{ name: 'data', slot: 1, sizeGiB: 10, storage: 'ceph', filesystem: 'xfs' }] }
        : node,
    ),
  });
};

const WATCHDOG = { apiVersion: 'v1alpha1', kind: 'WatchdogTimerConfig', device: '/dev/watchdog0', timeout: '2m' };
/** Of Talos 1.12: newer than the contract. */
const OUT_OF_MEMORY = {
  apiVersion: 'v1alpha1',
  kind: 'OOMConfig',
  triggerExpression: 'memory_full_avg10 > 12.0',
};
