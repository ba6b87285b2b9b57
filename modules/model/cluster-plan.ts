import type { Cidr, IpRange, Ipv4 } from './addresses';

/** Who answers for the cluster endpoint: kube-vip on the control planes, or Talos itself. */
export type VipProvider = 'kube-vip' | 'talos';

/** `controlplane` and `worker` are Talos' machine types. */
export type NodeRole = 'controlplane' | 'worker';

/** One network that every node is in. */
export interface NetworkPlan {
  readonly cidr: Cidr;
  readonly gateway: Ipv4;
  readonly nameServers: readonly Ipv4[];
  /** Host names or addresses. */
  readonly timeServers: readonly string[];
}

/** Where the Kubernetes API of the whole cluster answers. */
export interface EndpointPlan {
  readonly vip: Ipv4;
  readonly port: number;
  /** `https://<vip>:<port>`, no trailing slash. */
  readonly url: string;
  readonly provider: VipProvider;
}

/** Addresses that a load balancer hands to services of type LoadBalancer. */
export interface LoadBalancerPoolPlan {
  /** `ingress`, `dns`, `services`. */
  readonly name: string;
  readonly range: IpRange;
  /** False: only a service that names the pool gets an address from it. */
  readonly autoAssign: boolean;
}

/** MetalLB, or Cilium by ARP or by BGP. */
export type Announcer = 'metallb' | 'cilium-l2' | 'cilium-bgp';

/** Who tells the network where the addresses of load-balancer pools are: exactly one does. */
export interface AnnouncementsPlan {
  readonly by: Announcer;
  /** Of the cluster's autonomous system: there where `by` is `cilium-bgp`. */
  readonly localAsn?: number;
  /** One or more where `by` is `cilium-bgp`, else none. */
  readonly peers: readonly BgpPeerPlan[];
}

export interface BgpPeerPlan {
  readonly address: Ipv4;
  readonly asn: number;
}

/** Who gives each node its block of the range of pods: the controller manager, or Cilium's operator. */
export type CiliumIpam = 'kubernetes' | 'cluster-pool';

export interface CiliumPlan {
  readonly ipam: CiliumIpam;
}

/** Size of one VM. */
export interface VmSizePlan {
  readonly cores: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
}

/** One node, with everything that is its own. Nothing later invents a name or an address. */
export interface NodePlan {
  /** Host name and Kubernetes node name, as `controlplane0`. */
  readonly name: string;
  readonly role: NodeRole;
  /** The pool that it expands. */
  readonly pool: string;
  readonly index: number;
  readonly address: Ipv4;
  readonly vmId: number;
  /** `talos-<name>`. */
  readonly vmName: string;
  /** Name of the Proxmox host. */
  readonly host: string;
  readonly placedBy: PlacedBy;
  readonly size: VmSizePlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly TaintPlan[];
  /** Beside the system disk. */
  readonly disks: readonly DiskPlan[];
  /** The first has the node's address. */
  readonly networkCards: readonly [NetworkCardPlan, ...NetworkCardPlan[]];
  /** Names of resource mappings. */
  readonly pciDevices: readonly string[];
  readonly architecture: Architecture;
  /** Those of the cluster, the pool and the node, in the order in which they are merged. */
  readonly patches: readonly PatchPlan[];
  readonly startOrder?: number;
  readonly highAvailability: boolean;
  /** Neither Terraform nor Proxmox destroys the VM or its disks. */
  readonly protection: boolean;
  /** Fields that the spec gives for this node alone, in `nodePools.<pool>.nodes.<name>`. */
  readonly overrides: readonly string[];
}

export type Architecture = 'amd64' | 'arm64';

/** A strategic-merge patch of a machine config, or, where it has a `kind`, a document. */
export type MachineConfigPatch = Readonly<Record<string, unknown>>;

export interface PatchPlan {
  /** Where a person wrote it: `talos.patches[0]`. */
  readonly path: string;
  readonly patch: MachineConfigPatch;
}

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

export interface TaintPlan {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
}

export type DiskFilesystem = 'xfs' | 'ext4';

/** A disk that is a Talos user volume. */
export interface DiskPlan {
  /** Of the volume, which is mounted at `/var/mnt/<name>`. */
  readonly name: string;
  /** Number at the SCSI controller: `scsi<slot>`. */
  readonly slot: number;
  readonly sizeGiB: number;
  readonly storage: string;
  readonly filesystem: DiskFilesystem;
}

export interface NetworkCardPlan {
  readonly bridge: string;
  readonly vlan?: number;
  /** Bytes. Missing: that of the bridge. */
  readonly mtu?: number;
  readonly firewall: boolean;
  readonly mac?: string;
}

/** Who chose a node's host: the spec, the committed record of earlier choices, or the rule for new nodes. */
export type PlacedBy = 'spec' | 'record' | 'rule';

/** What the nodes of a pool share, as the spec gives it. */
export interface NodePoolPlan {
  readonly name: string;
  readonly role: NodeRole;
  readonly count: number;
  /** Address of the node with index 0. */
  readonly firstAddress: Ipv4;
  /** Where given: the pool may not grow beyond it. */
  readonly lastAddress?: Ipv4;
  /** Names under `nodes` that no node of the pool has. */
  readonly strangers: readonly string[];
}

/** The Proxmox side of a cluster. */
export interface ProxmoxPlan {
  /** `https://<host>:8006/`. */
  readonly endpoint: string;
  /** True: the API's certificate is not verified. */
  readonly insecure: boolean;
  readonly hosts: readonly string[];
  readonly arm64Hosts: readonly string[];
  /** What fails together, by host; a host that stands alone is its own. */
  readonly failureDomains: Readonly<Record<string, string>>;
  /** File storage with content type `import`. */
  readonly imageStorage: string;
  /** Storage of the VMs' disks. */
  readonly diskStorage: string;
  readonly bridge: string;
  /** Resource pool of the VMs. */
  readonly pool?: string;
  /** Storages that all hosts see as one. */
  readonly sharedStorages: readonly string[];
  readonly highAvailability: HighAvailabilityKind;
  readonly scsiController: ScsiController;
  /** Tag that every VM of this cluster carries, and by which it is recognised. */
  readonly tag: string;
}

/** Rules are of Proxmox VE 9, groups of those before. */
export type HighAvailabilityKind = 'rules' | 'groups';

export type ScsiController = 'virtio-scsi-single' | 'virtio-scsi-pci';

/** One image for each node, or one for each host and the rest by cloud-init. */
export type ImageMode = 'per-node' | 'shared';

/** Where disk images come from. */
export interface ImagesPlan {
  /** `https://factory.talos.dev`, no trailing slash. */
  readonly factory: string;
  /** True: Proxmox does not verify the factory's certificate. */
  readonly insecure: boolean;
  readonly mode: ImageMode;
}

/** That nothing is to be asked of the Internet, and where it is asked for. What other plans say is in them already. */
export interface AirGapPlan {
  /** One chart repository, `https://`, `http://` or `oci://`. Missing: each chart's own. */
  readonly charts?: string;
  /** A Git server, no trailing slash. Missing: each repository's own. */
  readonly git?: string;
}

/** Exact versions, no leading `v`. */
export interface VersionsPlan {
  readonly talos: string;
  /** The machine config contract, `1.9`: which documents are generated, apart from the image's version. */
  readonly talosContract: string;
  readonly kubernetes: string;
  readonly kubeVip: string;
  readonly cilium: string;
  readonly flux: string;
  readonly fluxSync: string;
}

export type DiskEncryption = 'none' | 'node-id' | 'tpm';

/** Choices of Talos beside those of the network. */
export interface TalosPlan {
  /** URL. Missing: Sidero Labs' own. */
  readonly discoveryService?: string;
  /** Beside those that groundwork needs. */
  readonly extensions: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Parameters by module. */
  readonly kernelModules: Readonly<Record<string, readonly string[]>>;
  /** By registry. */
  readonly registryMirrors: Readonly<Record<string, RegistryMirrorPlan>>;
  /** PEM. */
  readonly trustedCertificates: readonly string[];
  readonly diskEncryption: DiskEncryption;
  readonly secureBoot: boolean;
}

export interface RegistryMirrorPlan {
  readonly endpoints: readonly string[];
  readonly skipFallback: boolean;
  readonly overridePath: boolean;
}

/** An auth key, or the secret of an OAuth client. */
export type TailscaleCredential = 'auth-key' | 'oauth';

export interface TailscalePlan {
  readonly credential: TailscaleCredential;
  /** URL of a Headscale server. Missing: Tailscale's. */
  readonly loginServer?: string;
  readonly tags: readonly string[];
  /** What the control planes advertise: addresses of the pools `ingress` and `dns`, and what the spec adds. */
  readonly routes: readonly Cidr[];
  readonly acceptRoutes: boolean;
}

/** How Flux reads the Git repository. */
export type GitAccess = 'public' | 'token' | 'deploy-key';

/** Where Terraform keeps the state: a file, an object of S3 or of a store like it, or a schema of PostgreSQL. */
export type StatePlan =
  | { readonly kind: 'local' }
  | { readonly kind: 'postgres' }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Folder in the bucket, without slashes at its ends; empty for none. */
      readonly prefix: string;
      readonly region: string;
      /** `https://minio.home.arpa:9000`. Missing: Amazon's own. */
      readonly endpoint?: string;
    };

/** What Flux follows. */
export interface FluxPlan {
  /** `https://` or `ssh://` URL of the Git repository. */
  readonly repository: string;
  readonly branch: string;
  /** Folder in the repository, with leading `./`. */
  readonly path: string;
  readonly access: GitAccess;
  /** Sent with a token. */
  readonly username: string;
  /** Lines of known_hosts: one or more where `access` is `deploy-key`. */
  readonly knownHosts: readonly string[];
  /** True: an age key is given at deploy, and Flux decrypts with it. */
  readonly sops: boolean;
  /** True: a key pair of sealed-secrets is given at deploy. */
  readonly sealedSecretsKey: boolean;
}

/** How HTTP comes in: the Gateway API by Cilium, or ingress-nginx. */
export type GatewayKind = 'cilium' | 'ingress-nginx';

/** Where TLS of the outside world ends: on the proxy before the cluster, or in the cluster. */
export type TlsEnd = 'outside' | 'cluster';

/** Disks of Proxmox, or folders on the nodes. */
export type StorageKind = 'proxmox-csi' | 'local-path';

/** How a Secret is committed: for the controller of sealed-secrets in the cluster, or for Flux, which opens SOPS with an age key. */
export type SecretsKind = 'sealed-secrets' | 'sops';

export type ApplicationName = 'vault' | 'authentik' | 'harbor' | 'gitea' | 'matrix' | 'monitoring';

/** What Flux applies. */
export interface PlatformPlan {
  /** DNS zone, no final dot. Missing: no certificates, and nothing that needs a name. */
  readonly domain?: string;
  readonly gateway: GatewayKind;
  readonly tlsEnd: TlsEnd;
  /** Of the proxy before the cluster, to which the names in the zone lead. Missing: they lead to the pools. */
  readonly publicAddress?: Ipv4;
  readonly storage: StorageKind;
  readonly secrets: SecretsKind;
  readonly applications: readonly ApplicationName[];
}

/** A cluster as a pure value: computed from the spec alone, the only thing that constructs and manifests read. */
export interface ClusterPlan {
  /** Also the context name in talosconfig and kubeconfig. */
  readonly name: string;
  /** `infrastructure` for the cluster of that name, else `infrastructure-<name>`. */
  readonly stack: string;
  readonly network: NetworkPlan;
  readonly podCidr: Cidr;
  readonly serviceCidr: Cidr;
  readonly endpoint: EndpointPlan;
  readonly loadBalancerPools: readonly LoadBalancerPoolPlan[];
  readonly announcements: AnnouncementsPlan;
  readonly cilium: CiliumPlan;
  readonly proxmox: ProxmoxPlan;
  readonly images: ImagesPlan;
  /** True: nodes find each other through the discovery service, not through the endpoint alone. */
  readonly discovery: boolean;
  readonly talos: TalosPlan;
  /** There where a key will be given at deploy: adds the extension and its service config. */
  readonly tailscale?: TailscalePlan;
  readonly versions: VersionsPlan;
  readonly state: StatePlan;
  readonly flux: FluxPlan;
  readonly platform: PlatformPlan;
  /** There where nothing is to be asked of the Internet. */
  readonly airGap?: AirGapPlan;
  /** Control planes first, then workers, each pool in index order. */
  readonly nodes: readonly NodePlan[];
  /** In the order of `nodes`. */
  readonly nodePools: readonly NodePoolPlan[];
  /** True where there are no workers: pods then run on the control planes, and load balancers reach them there. */
  readonly schedulableControlPlanes: boolean;
}
