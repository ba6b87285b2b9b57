import { z } from 'zod';
import {
  DISK_DEFAULTS,
  LOAD_BALANCER_POOL_DEFAULTS,
  NETWORK_CARD_DEFAULTS,
  NODE_FEATURE_DEFAULTS,
  REGISTRY_MIRROR_DEFAULTS,
  SPEC_DEFAULTS,
  VM_SIZE_DEFAULTS,
} from './spec-defaults';
import {
  address,
  branch,
  certificate,
  contractVersion,
  domain,
  folder,
  label,
  labelKey,
  labelValue,
  line,
  mac,
  network,
  nodeNetwork,
  proxmoxName,
  range,
  tailnetTag,
  timeServer,
  url,
  state,
  version,
} from './spec-text';

const number = (least: number, most: number, example: number) =>
  z
    .int()
    .min(least)
    .max(most)
    .meta({ examples: [example] });
const bool = () => z.boolean().meta({ examples: [true] });
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).readonly();

/** Proxmox' own limits are 100 and 999999999: the last thousand is for the nodes that count up from the first id. */
const vmId = number(100, 999_999_000, 2000);

const vmSize = z.strictObject({
  cores: number(1, 512, 4).prefault(VM_SIZE_DEFAULTS.cores),
  memoryMiB: number(1, 16_777_216, 4096).prefault(VM_SIZE_DEFAULTS.memoryMiB),
  diskGiB: number(1, 131_072, 40).prefault(VM_SIZE_DEFAULTS.diskGiB),
});

const size = vmSize.shape;
const nodeSize = z.strictObject({
  cores: size.cores.unwrap().optional(),
  memoryMiB: size.memoryMiB.unwrap().optional(),
  diskGiB: size.diskGiB.unwrap().optional(),
});

const labels = z.record(labelKey('example.org/disk'), labelValue('fast'));
const taints = z
  .array(
    z.strictObject({
      key: labelKey('example.org/gpu'),
      value: labelValue('present').optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
    }),
  )
  .readonly();
const disks = z.record(
  label('data'),
  z.strictObject({
    slot: number(1, 13, 1),
    sizeGiB: number(1, 131_072, 100),
    storage: proxmoxName('ceph').optional(),
    filesystem: z.enum(['xfs', 'ext4']).prefault(DISK_DEFAULTS.filesystem),
  }),
);
const poolNetwork = z.strictObject({
  bridge: proxmoxName('vmbr1').optional(),
  vlan: number(1, 4094, 42).optional(),
  mtu: number(1280, 65_520, 9000).optional(),
  firewall: bool().prefault(NETWORK_CARD_DEFAULTS.firewall),
});
const networkCard = poolNetwork.extend({ mac: mac('BC:24:11:00:00:01').optional() });
const networkCards = z.array(networkCard).readonly();
const pciDevices = z.array(proxmoxName('gpu')).max(4).readonly();

const patches = z.array(z.record(z.string(), z.unknown())).readonly();

const nodeOverride = z.strictObject({
  host: proxmoxName('hyperion').optional(),
  vmId: number(100, 999_999_999, 2100).optional(),
  address: address('10.0.2.100').optional(),
  size: nodeSize.optional(),
  labels: labels.optional(),
  taints: taints.optional(),
  disks: disks.optional(),
  network: networkCard.optional(),
  networkCards: networkCards.optional(),
  pciDevices: pciDevices.optional(),
  protection: bool().optional(),
  patches: patches.optional(),
});

const nodePool = z.strictObject({
  role: z.enum(['controlplane', 'worker']).meta({ examples: ['worker'] }),
  count: number(0, 1000, 3).optional(),
  firstAddress: address('10.0.1.1'),
  lastAddress: address('10.0.1.9').optional(),
  firstVmId: vmId.optional(),
  size: vmSize.prefault({}),
  labels: labels.prefault(NODE_FEATURE_DEFAULTS.labels),
  taints: taints.prefault(NODE_FEATURE_DEFAULTS.taints),
  disks: disks.prefault(NODE_FEATURE_DEFAULTS.disks),
  network: poolNetwork.prefault({}),
  networkCards: networkCards.prefault(NODE_FEATURE_DEFAULTS.networkCards),
  pciDevices: pciDevices.prefault(NODE_FEATURE_DEFAULTS.pciDevices),
  architecture: z.enum(['amd64', 'arm64']).prefault(NODE_FEATURE_DEFAULTS.architecture),
  patches: patches.prefault(NODE_FEATURE_DEFAULTS.patches),
  startOrder: number(0, 100_000, 1).optional(),
  highAvailability: bool().prefault(NODE_FEATURE_DEFAULTS.highAvailability),
  protection: bool().prefault(NODE_FEATURE_DEFAULTS.protection),
  nodes: z.record(label('worker1'), nodeOverride).prefault(NODE_FEATURE_DEFAULTS.nodes),
});

const loadBalancerPool = z.strictObject({
  range: range('10.0.3.4-10.0.3.20'),
  autoAssign: bool().prefault(LOAD_BALANCER_POOL_DEFAULTS.autoAssign),
});

/** All but the numbers that RFC 7607 and RFC 7300 keep from use. */
const asn = (example: number) => number(1, 4_294_967_294, example);

const server = (noun: string, example: string, protocols: readonly string[], hasPath = false) =>
  url({ noun, example, protocols, hasPath, finalSlash: false });

const factory = (example: string) => server('factory', example, ['https:', 'http:']);

const registryMirror = z.strictObject({
  endpoints: some(server('endpoint', 'https://mirror.example.org', ['https:', 'http:'], true)),
  skipFallback: bool().prefault(REGISTRY_MIRROR_DEFAULTS.skipFallback),
  overridePath: bool().prefault(REGISTRY_MIRROR_DEFAULTS.overridePath),
});

const { network: networkDefaults, proxmox: proxmoxDefaults, talos: talosDefaults, versions } = SPEC_DEFAULTS;

/** Shape and values of a `ClusterSpec`. What depends on several fields is a rule of check-plan.ts. */
export const clusterSchema = z.strictObject({
  name: label('infrastructure'),
  network: z.strictObject({
    cidr: nodeNetwork('10.0.0.0/16'),
    gateway: address('10.0.0.1'),
    nameServers: some(address('1.1.1.1')).prefault([...networkDefaults.nameServers]),
    timeServers: some(timeServer('time.example.org')).optional(),
    podCidr: network('10.244.0.0/16').prefault(networkDefaults.podCidr),
    serviceCidr: network('10.96.0.0/12').prefault(networkDefaults.serviceCidr),
  }),
  vip: z.strictObject({
    address: address('10.0.3.1'),
    provider: z.enum(['kube-vip', 'talos']).prefault(SPEC_DEFAULTS.vip.provider),
  }),
  loadBalancerPools: z.record(label('ingress'), loadBalancerPool).prefault(SPEC_DEFAULTS.loadBalancerPools),
  announcements: z
    .strictObject({
      by: z.enum(['metallb', 'cilium-l2', 'cilium-bgp']).prefault(SPEC_DEFAULTS.announcements.by),
      localAsn: asn(64_512).optional(),
      peers: z
        .array(z.strictObject({ address: address('10.0.0.1'), asn: asn(64_500) }))
        .readonly()
        .prefault(SPEC_DEFAULTS.announcements.peers),
    })
    .prefault({}),
  nodePools: z.record(label('worker'), nodePool),
  proxmox: z.strictObject({
    endpoint: url({
      noun: 'endpoint',
      example: 'https://atlas:8006/',
      protocols: ['https:'],
      hasPath: false,
      finalSlash: true,
    }),
    insecure: bool().prefault(proxmoxDefaults.insecure),
    hosts: some(proxmoxName('atlas')),
    failureDomains: z
      .record(proxmoxName('rack-a'), some(proxmoxName('atlas')))
      .prefault(proxmoxDefaults.failureDomains),
    arm64Hosts: z.array(proxmoxName('ampere')).readonly().prefault(proxmoxDefaults.arm64Hosts),
    imageStorage: proxmoxName('local').prefault(proxmoxDefaults.imageStorage),
    diskStorage: proxmoxName('local-lvm').prefault(proxmoxDefaults.diskStorage),
    bridge: proxmoxName('vmbr0').prefault(proxmoxDefaults.bridge),
    pool: proxmoxName('talos').optional(),
    sharedStorages: z.array(proxmoxName('ceph')).readonly().prefault(proxmoxDefaults.sharedStorages),
    highAvailability: z.enum(['rules', 'groups']).prefault(proxmoxDefaults.highAvailability),
    scsiController: z.enum(['virtio-scsi-single', 'virtio-scsi-pci']).prefault(proxmoxDefaults.scsiController),
  }),
  images: z
    .strictObject({
      factory: factory('https://factory.example.org').optional(),
      insecure: bool().prefault(SPEC_DEFAULTS.images.insecure),
      mode: z.enum(['per-node', 'shared']).prefault(SPEC_DEFAULTS.images.mode),
    })
    .prefault({}),
  talos: z
    .strictObject({
      discovery: bool().prefault(talosDefaults.discovery),
      discoveryService: server('discovery service', 'https://discovery.example.org', ['https:']).optional(),
      contract: contractVersion('1.9').prefault(talosDefaults.contract),
      extensions: z.array(line('extension', 'siderolabs/iscsi-tools')).readonly().prefault(talosDefaults.extensions),
      sysctls: z.record(line('kernel parameter', 'vm.max_map_count'), line('value', '262144')).prefault({}),
      kernelModules: z
        .record(line('kernel module', 'nbd'), z.array(line('parameter', 'nbds_max=16')).readonly())
        .prefault({}),
      registryMirrors: z.record(line('registry', 'docker.io'), registryMirror).prefault({}),
      trustedCertificates: z.array(certificate()).readonly().prefault(talosDefaults.trustedCertificates),
      diskEncryption: z.enum(['none', 'node-id', 'tpm']).prefault(talosDefaults.diskEncryption),
      secureBoot: bool().prefault(talosDefaults.secureBoot),
      patches: patches.prefault(talosDefaults.patches),
    })
    .prefault({}),
  cilium: z
    .strictObject({ ipam: z.enum(['kubernetes', 'cluster-pool']).prefault(SPEC_DEFAULTS.cilium.ipam) })
    .prefault({}),
  tailscale: z
    .strictObject({
      enabled: bool().prefault(SPEC_DEFAULTS.tailscale.enabled),
      credential: z.enum(['auth-key', 'oauth']).prefault(SPEC_DEFAULTS.tailscale.credential),
      loginServer: server('login server', 'https://headscale.example.org', ['https:', 'http:']).optional(),
      tags: z.array(tailnetTag('tag:cluster')).readonly().prefault(SPEC_DEFAULTS.tailscale.tags),
      routes: z.array(network('10.96.0.0/12')).readonly().prefault(SPEC_DEFAULTS.tailscale.routes),
      acceptRoutes: bool().prefault(SPEC_DEFAULTS.tailscale.acceptRoutes),
    })
    .prefault({}),
  flux: z.strictObject({
    repository: url({
      noun: 'repository',
      example: 'https://github.com/example-org/groundwork',
      protocols: ['https:', 'ssh:'],
      hasPath: true,
      finalSlash: false,
    }),
    branch: branch('main').prefault(SPEC_DEFAULTS.flux.branch),
    path: folder('./platform/rendered/infrastructure').optional(),
    access: z.enum(['public', 'token', 'deploy-key']).optional(),
    username: line('user name', 'git').prefault(SPEC_DEFAULTS.flux.username),
    knownHosts: z
      .array(line('line of known_hosts', 'git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI'))
      .readonly()
      .prefault(SPEC_DEFAULTS.flux.knownHosts),
    sops: bool().prefault(SPEC_DEFAULTS.flux.sops),
    sealedSecretsKey: bool().prefault(SPEC_DEFAULTS.flux.sealedSecretsKey),
  }),
  platform: z
    .strictObject({
      domain: domain('test-cluster.example.org').optional(),
      gateway: z.enum(['cilium', 'ingress-nginx']).prefault(SPEC_DEFAULTS.platform.gateway),
      tlsEnd: z.enum(['outside', 'cluster']).prefault(SPEC_DEFAULTS.platform.tlsEnd),
      publicAddress: address('203.0.113.10').optional(),
      storage: z.enum(['proxmox-csi', 'local-path']).prefault(SPEC_DEFAULTS.platform.storage),
      secrets: z.enum(['sealed-secrets', 'sops']).prefault(SPEC_DEFAULTS.platform.secrets),
      applications: z
        .array(z.enum(['vault', 'authentik', 'harbor', 'gitea', 'matrix', 'monitoring']))
        .readonly()
        .prefault(SPEC_DEFAULTS.platform.applications),
    })
    .prefault({}),
  airGap: z
    .strictObject({
      factory: factory('https://factory.example.org').optional(),
      registry: server('registry', 'https://mirror.example.org', ['https:', 'http:']).optional(),
      charts: server('chart repository', 'https://charts.example.org', ['https:', 'http:', 'oci:'], true).optional(),
      git: server('Git server', 'https://git.example.org', ['https:', 'http:']).optional(),
      timeServers: some(timeServer('10.0.0.1')).optional(),
    })
    .optional(),
  state: state('s3://terraform-state/groundwork?region=eu-central-1').prefault(SPEC_DEFAULTS.state),
  versions: z
    .strictObject({
      talos: version('1.13.9').prefault(versions.talos),
      kubernetes: version('1.35.0').prefault(versions.kubernetes),
      kubeVip: version('0.9.2').prefault(versions.kubeVip),
      cilium: version('1.19.6').prefault(versions.cilium),
      flux: version('2.18.3').prefault(versions.flux),
      fluxSync: version('1.14.5').prefault(versions.fluxSync),
    })
    .prefault({}),
});

/** A spec whose every field is there and is a value of its own kind. */
export type ParsedClusterSpec = z.output<typeof clusterSchema>;
export type ParsedNodePool = z.output<typeof nodePool>;
export type ParsedNode = z.output<typeof nodeOverride>;
export type ParsedNetworkCard = z.output<typeof networkCard>;
