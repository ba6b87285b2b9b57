import type { ClusterSpec } from './cluster-spec';
import { DEFAULT_TALOS_CONTRACT, DEFAULT_VERSIONS } from './versions';

/** What a field is when a spec leaves it out; the `@default` tags of cluster-spec.ts say the same, and a test compares them. */
export const SPEC_DEFAULTS = {
  loadBalancerPools: {},
  announcements: { by: 'metallb', peers: [] },
  network: {
    nameServers: ['1.1.1.1', '8.8.8.8'],
    podCidr: '10.244.0.0/16', // both ranges are Kubernetes' and Talos' own defaults
    serviceCidr: '10.96.0.0/12',
  },
  vip: { provider: 'kube-vip' },
  proxmox: {
    insecure: false,
    failureDomains: {},
    arm64Hosts: [],
    imageStorage: 'local',
    diskStorage: 'local-lvm',
    bridge: 'vmbr0',
    sharedStorages: [],
    highAvailability: 'rules',
    scsiController: 'virtio-scsi-single',
  },
  images: { insecure: false, mode: 'per-node' },
  talos: {
    discovery: true,
    contract: DEFAULT_TALOS_CONTRACT,
    extensions: [],
    sysctls: {},
    kernelModules: {},
    registryMirrors: {},
    trustedCertificates: [],
    diskEncryption: 'none',
    secureBoot: false,
    patches: [],
  },
  cilium: { ipam: 'kubernetes' },
  tailscale: { enabled: false, credential: 'auth-key', tags: [], routes: [], acceptRoutes: false },
  state: 'local',
  flux: { branch: 'main', username: 'git', knownHosts: [], sops: false, sealedSecretsKey: false },
  platform: {
    gateway: 'cilium',
    tlsEnd: 'outside',
    storage: 'proxmox-csi',
    secrets: 'sealed-secrets',
    applications: [],
  },
  versions: DEFAULT_VERSIONS,
} as const satisfies { readonly [Field in keyof ClusterSpec]?: Partial<ClusterSpec[Field]> };

/** What a cluster with the Internet takes where neither the spec nor its `airGap` names another. */
export const PUBLIC_SOURCES = {
  factory: 'https://factory.talos.dev',
  timeServers: ['time.cloudflare.com'], // Talos' own default
} as const;

/** The same for each load-balancer pool. */
export const LOAD_BALANCER_POOL_DEFAULTS = { autoAssign: true } as const;

/** The same for the size of the VMs of each node pool. */
export const VM_SIZE_DEFAULTS = { cores: 4, memoryMiB: 4096, diskGiB: 40 } as const;

/** The same for what each node pool may have beside that. */
export const NODE_FEATURE_DEFAULTS = {
  labels: {},
  taints: [],
  disks: {},
  networkCards: [],
  pciDevices: [],
  architecture: 'amd64',
  patches: [],
  highAvailability: false,
  protection: false,
  nodes: {},
} as const;

/** The same for registry mirrors, disks beside the system disk, and network cards. */
export const REGISTRY_MIRROR_DEFAULTS = { skipFallback: false, overridePath: false } as const;
export const DISK_DEFAULTS = { filesystem: 'xfs' } as const;
export const NETWORK_CARD_DEFAULTS = { firewall: false } as const;

/** The same for each node pool, by its role. */
export const NODE_POOL_DEFAULTS = {
  controlplane: { count: 3, firstVmId: 1500 },
  worker: { count: 2, firstVmId: 2000 },
} as const;
