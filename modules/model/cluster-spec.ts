/* eslint max-lines: ["error", 800] -- every field of a spec with its doc comment: docs/SPEC.md is made of this one file */
import type {
  Announcer,
  ApplicationName,
  Architecture,
  CiliumIpam,
  DiskEncryption,
  DiskFilesystem,
  GatewayKind,
  GitAccess,
  HighAvailabilityKind,
  ImageMode,
  MachineConfigPatch,
  NodeRole,
  ScsiController,
  SecretsKind,
  StorageKind,
  TailscaleCredential,
  TaintEffect,
  TlsEnd,
  VipProvider,
} from './cluster-plan';

/**
 * A cluster as a person writes it, in clusters/. This is the reference of every field: what it is for, its unit, what is allowed,
 * what it is when left out, and an example. A field that is not listed here is an error.
 */
export interface ClusterSpec {
  /**
   * Name of the cluster: also the context in kubeconfig and talosconfig, and part of the tag that its VMs carry in Proxmox.
   * The cluster `infrastructure` gets the stack `infrastructure`, any other `infrastructure-<name>`.
   * A DNS label of at most 40 characters. Example: `'infrastructure'`.
   */
  readonly name: string;
  /** The network that all nodes are in, and the ranges inside the cluster. */
  readonly network: NetworkSpec;
  /** The one address of the Kubernetes API, which moves between the control planes. */
  readonly vip: VipSpec;
  /**
   * Addresses for services of type LoadBalancer, by the name of the pool: a DNS label of at most 40 characters.
   * Example: `{ ingress: { range: '10.0.3.2' } }`.
   * @default {}
   */
  readonly loadBalancerPools?: Readonly<Record<string, LoadBalancerPoolSpec>>;
  /** Who tells the network on which node the addresses of these pools are. */
  readonly announcements?: AnnouncementsSpec;
  /**
   * The nodes, by the name of the pool: a DNS label of at most 40 characters. Node 0 of the pool `worker` is called `worker0`, and its
   * VM `talos-worker0`. Without any worker, pods run on the control planes.
   * Example: `{ controlplane: { role: 'controlplane', firstAddress: '10.0.1.1' } }`.
   */
  readonly nodePools: Readonly<Record<string, NodePoolSpec>>;
  /** The Proxmox VE that runs the VMs. */
  readonly proxmox: ProxmoxSpec;
  /** Where Talos' disk images come from. */
  readonly images?: ImagesSpec;
  /** Choices of Talos Linux. Its version stands in `versions`. */
  readonly talos?: TalosSpec;
  /** Choices of Cilium, the network of pods. Its version stands in `versions`. */
  readonly cilium?: CiliumSpec;
  /** A Tailscale or Headscale mesh between the nodes. */
  readonly tailscale?: TailscaleSpec;
  /** The Git repository that Flux applies to the cluster. */
  readonly flux: FluxSpec;
  /** What Flux finds there: storage, gateway, certificates and applications. */
  readonly platform?: PlatformSpec;
  /** Where all of it comes from in a network without the Internet. */
  readonly airGap?: AirGapSpec;
  /**
   * Where Terraform keeps its state: `'local'`, the folder terraform-state; `'postgres'`, the database that PG_CONN_STR in the
   * environment names; or a bucket, as `'s3://<bucket>/<folder>?region=<region>'`, with AWS_ACCESS_KEY_ID and
   * AWS_SECRET_ACCESS_KEY in the environment. `endpoint` is for stores other than Amazon's, which must know conditional writes:
   * `'s3://<bucket>?endpoint=https://minio.home.arpa:9000'`. Move a state before you change this: docs/OPERATIONS.md.
   * Example: `'s3://terraform-state/groundwork?region=eu-central-1'`.
   * @default "local"
   */
  readonly state?: string;
  /** Versions other than the ones that this release was tried with. */
  readonly versions?: VersionsSpec;
}

/** The network that all nodes are in, and the ranges inside the cluster. */
export interface NetworkSpec {
  /** The network of nodes, VIP and load-balancer pools. IPv4, with a prefix length of 8 to 29. Example: `'10.0.0.0/16'`. */
  readonly cidr: string;
  /** Default route of every node: an address in `cidr`. Example: `'10.0.0.1'`. */
  readonly gateway: string;
  /**
   * DNS servers of the nodes, the first is asked first: one address or more.
   * @default ["1.1.1.1", "8.8.8.8"]
   */
  readonly nameServers?: readonly string[];
  /**
   * NTP servers of the nodes: one host name or address or more. Without the right time no certificate is valid.
   * Example: `['time.example.org']`.
   * @default - those of `airGap`, else `['time.cloudflare.com']`
   */
  readonly timeServers?: readonly string[];
  /**
   * Addresses of pods. Every node takes a /24 of it, so that a /16 holds 256 nodes. It may overlap no other range.
   * @default "10.244.0.0/16"
   */
  readonly podCidr?: string;
  /**
   * Addresses of services inside the cluster. It may overlap no other range.
   * @default "10.96.0.0/12"
   */
  readonly serviceCidr?: string;
}

/** The one address of the Kubernetes API, which moves between the control planes. */
export interface VipSpec {
  /** A free address in the network: no node has it, and no load-balancer pool holds it. Example: `'10.0.3.1'`. */
  readonly address: string;
  /**
   * Who moves it: `'kube-vip'`, pods on the control planes, which give it up when the API server beside them dies; or `'talos'`,
   * Talos itself, which needs no pod and gives it up when etcd or the machine dies.
   * @default "kube-vip"
   */
  readonly provider?: VipProvider;
}

/** Addresses for services of type LoadBalancer. */
export interface LoadBalancerPoolSpec {
  /** First and last address, or one alone, in the network. Examples: `'10.0.3.4-10.0.3.20'`, `'10.0.3.2'`. */
  readonly range: string;
  /**
   * `false`: only a service that names the pool gets an address from it.
   * @default true
   */
  readonly autoAssign?: boolean;
}

/** Who tells the network on which node load-balancer addresses are: exactly one does. */
export interface AnnouncementsSpec {
  /**
   * `'metallb'` answers ARP; `'cilium-l2'` does so without another program, a feature that Cilium calls beta; `'cilium-bgp'` tells
   * routers, for which it needs `localAsn` and `peers`.
   * @default "metallb"
   */
  readonly by?: Announcer;
  /**
   * Number of the cluster's autonomous system, 1 to 4294967294, for BGP. Example: `64512`.
   * @default - none
   */
  readonly localAsn?: number;
  /**
   * Routers that each node talks BGP to. Example: `[{ address: '10.0.0.1', asn: 64500 }]`.
   * @default []
   */
  readonly peers?: readonly BgpPeerSpec[];
}

/** A router that each node talks BGP to. */
export interface BgpPeerSpec {
  /** Its address. Example: `'10.0.0.1'`. */
  readonly address: string;
  /** Number of its autonomous system, 1 to 4294967294. Example: `64500`. */
  readonly asn: number;
}

/** Nodes that are alike: names, VM ids and addresses count up from the first. */
export interface NodePoolSpec {
  /** `'controlplane'` runs etcd and the Kubernetes API, `'worker'` runs what the cluster is for. */
  readonly role: NodeRole;
  /**
   * Number of nodes. Control planes of all pools: 1 to 9, of which an even number helps nobody; workers of all pools: 0 to 1000.
   * @default - 3 control planes, 2 workers
   */
  readonly count?: number;
  /** Address of node 0 of the pool; node 1 has the next. Example: `'10.0.1.1'`. */
  readonly firstAddress: string;
  /**
   * Where given, the pool may not grow beyond it: too high a count is an error. Example: `'10.0.1.9'`.
   * @default - no limit but that of the network
   */
  readonly lastAddress?: string;
  /**
   * VM id of node 0 of the pool; node 1 has the next. 100 to 999999000; containers in Proxmox share these ids.
   * @default - 1500 for control planes, 2000 for workers
   */
  readonly firstVmId?: number;
  /** Size of each VM. */
  readonly size?: VmSizeSpec;
  /**
   * Labels of the Kubernetes nodes. Workers may not give themselves labels of `kubernetes.io` but for `topology.kubernetes.io/zone`
   * and its like. Example: `{ 'example.org/disk': 'fast' }`.
   * @default {}
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints of the Kubernetes nodes. A worker gets them when it registers: a later change waits until it is made anew.
   * Example: `[{ key: 'example.org/gpu', effect: 'NoSchedule' }]`.
   * @default []
   */
  readonly taints?: readonly TaintSpec[];
  /**
   * Disks beside the system disk, by name: Talos formats each as a user volume and mounts it at `/var/mnt/<name>`.
   * Example: `{ data: { slot: 1, sizeGiB: 100 } }`.
   * @default {}
   */
  readonly disks?: Readonly<Record<string, DiskSpec>>;
  /** The network card that has the node's address. */
  readonly network?: NodeNetworkSpec;
  /**
   * Network cards beside the first, which Talos leaves without an address. Example: `[{ bridge: 'vmbr1' }]`.
   * @default []
   */
  readonly networkCards?: readonly NetworkCardSpec[];
  /**
   * PCI devices of the host, by the names of their resource mappings in Proxmox; one to four. Example: `['gpu']`.
   * @default []
   */
  readonly pciDevices?: readonly string[];
  /**
   * Processor of the nodes: `'arm64'` ones are placed on hosts of `proxmox.arm64Hosts` alone, others on all other hosts.
   * @default "amd64"
   */
  readonly architecture?: Architecture;
  /**
   * Patches of the machine configs of this pool, after those of `talos.patches`.
   * Example: `[{ machine: { kubelet: { extraArgs: { 'max-pods': '200' } } } }]`.
   * @default []
   */
  readonly patches?: readonly MachineConfigPatch[];
  /**
   * Place in the order in which Proxmox starts its VMs. Setting it takes the privilege Sys.Modify on `/`. Example: `1`.
   * @default - none
   */
  readonly startOrder?: number;
  /**
   * `true`: when its host fails, Proxmox starts the VM on another one. All its disks must be on storage that hosts share.
   * @default false
   */
  readonly highAvailability?: boolean;
  /**
   * `true`: neither a deploy nor Proxmox destroys the VM or one of its disks; a plan that would is refused. To get rid of such a
   * VM, deploy `false` first.
   * @default false
   */
  readonly protection?: boolean;
  /**
   * What single nodes have in place of the above, by the name of the node. Example: `{ worker1: { host: 'hyperion' } }`.
   * @default {}
   */
  readonly nodes?: Readonly<Record<string, NodeSpec>>;
}

/** What one node has in place of what its pool says. Lists and entries by name replace those of the pool as a whole. */
export interface NodeSpec {
  /**
   * The Proxmox host. Example: `'hyperion'`.
   * @default - the recorded one
   */
  readonly host?: string;
  /**
   * VM id. Example: `2100`.
   * @default - counted up from that of the pool
   */
  readonly vmId?: number;
  /**
   * Address in the network. Example: `'10.0.2.100'`.
   * @default - counted up from that of the pool
   */
  readonly address?: string;
  /** Size of the VM; a field that is left out is that of the pool. */
  readonly size?: NodeSizeSpec;
  /**
   * Labels of the Kubernetes node. Example: `{ 'example.org/disk': 'fast' }`.
   * @default - those of the pool
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints of the Kubernetes node. Example: `[{ key: 'example.org/gpu', effect: 'NoSchedule' }]`.
   * @default - those of the pool
   */
  readonly taints?: readonly TaintSpec[];
  /**
   * Disks beside the system disk. Example: `{ data: { slot: 1, sizeGiB: 100 } }`.
   * @default - those of the pool
   */
  readonly disks?: Readonly<Record<string, DiskSpec>>;
  /**
   * The network card that has the node's address. Example: `{ mac: 'BC:24:11:00:00:01' }`.
   * @default - that of the pool
   */
  readonly network?: NetworkCardSpec;
  /**
   * Network cards beside the first. Example: `[{ bridge: 'vmbr1' }]`.
   * @default - those of the pool
   */
  readonly networkCards?: readonly NetworkCardSpec[];
  /**
   * PCI devices by the names of their resource mappings. Example: `['gpu']`.
   * @default - those of the pool
   */
  readonly pciDevices?: readonly string[];
  /**
   * Whether the VM and its disks are kept from being destroyed.
   * @default - as the pool
   */
  readonly protection?: boolean;
  /**
   * Patches of this node's machine config, after those of the pool. Example: `[{ machine: { sysctls: { 'vm.swappiness': '0' } } }]`.
   * @default - none
   */
  readonly patches?: readonly MachineConfigPatch[];
}

/** Size of one VM; a field that is left out is that of the pool. */
export interface NodeSizeSpec {
  /**
   * CPU cores, at most 512.
   * @default - that of the pool
   */
  readonly cores?: number;
  /**
   * Memory in MiB.
   * @default - that of the pool
   */
  readonly memoryMiB?: number;
  /**
   * System disk in GiB: 10 or more.
   * @default - that of the pool
   */
  readonly diskGiB?: number;
}

/** A taint: pods that do not tolerate it stay away. */
export interface TaintSpec {
  /** Example: `'example.org/gpu'`. */
  readonly key: string;
  /**
   * Example: `'present'`.
   * @default - none
   */
  readonly value?: string;
  /** `'NoSchedule'`, `'PreferNoSchedule'` or `'NoExecute'`. */
  readonly effect: TaintEffect;
}

/** A disk beside the system disk. */
export interface DiskSpec {
  /** Number of the disk at the SCSI controller, 1 to 13: its identity, so that another disk does not move it. Example: `1`. */
  readonly slot: number;
  /** Size in GiB: 1 or more. It may grow. Example: `100`. */
  readonly sizeGiB: number;
  /**
   * Storage in Proxmox, with content type `images`. Example: `'ceph'`.
   * @default - `proxmox.diskStorage`
   */
  readonly storage?: string;
  /**
   * `'xfs'` or `'ext4'`.
   * @default "xfs"
   */
  readonly filesystem?: DiskFilesystem;
}

/** The network card that has a node's address, as all nodes of a pool have it. */
export interface NodeNetworkSpec {
  /**
   * Bridge that it is plugged into. Example: `'vmbr1'`.
   * @default - `proxmox.bridge`
   */
  readonly bridge?: string;
  /**
   * VLAN tag, 1 to 4094. Example: `42`.
   * @default - none
   */
  readonly vlan?: number;
  /**
   * Bytes of the largest packet, 1280 to 65520. Example: `9000`.
   * @default - that of the bridge
   */
  readonly mtu?: number;
  /**
   * `true`: Proxmox' firewall looks at its packets.
   * @default false
   */
  readonly firewall?: boolean;
}

/** A network card of a VM. */
export interface NetworkCardSpec extends NodeNetworkSpec {
  /**
   * Its address on the wire, one node's alone. Example: `'BC:24:11:00:00:01'`.
   * @default - chosen by Proxmox
   */
  readonly mac?: string;
}

/** Size of each VM of a pool. */
export interface VmSizeSpec {
  /**
   * CPU cores. Control planes: 2 or more; workers: 1 or more; at most 512.
   * @default 4
   */
  readonly cores?: number;
  /**
   * Memory in MiB. Control planes: 2048 or more; workers: 1024 or more.
   * @default 4096
   */
  readonly memoryMiB?: number;
  /**
   * System disk in GiB: 10 or more.
   * @default 40
   */
  readonly diskGiB?: number;
}

/** The Proxmox VE that runs the VMs. Its API token is no part of a spec: it comes from the environment. */
export interface ProxmoxSpec {
  /** URL of the API, https, with the port. Example: `'https://atlas:8006/'`. */
  readonly endpoint: string;
  /**
   * `true`: the API's certificate is not verified, and whoever stands between can read the token.
   * @default false
   */
  readonly insecure?: boolean;
  /**
   * Names of the hosts, as Proxmox calls its nodes: one or more. VMs are spread over them, control planes first of all. With two
   * hosts or more, which node is where is recorded in `<name of the cluster>.placement.json` beside the spec, so that another host
   * moves nobody: `npx groundwork placement --write` records new nodes, `npx groundwork placement move <node> <host>` moves one.
   * Example: `['atlas']`.
   */
  readonly hosts: readonly string[];
  /**
   * Hosts that fail together, as those of one rack or one power line, by a name for what they share. Control planes are spread over
   * these first. Example: `{ 'rack-a': ['atlas', 'hyperion'] }`.
   * @default {}
   */
  readonly failureDomains?: Readonly<Record<string, readonly string[]>>;
  /**
   * Which of the hosts have arm64 processors. Example: `['ampere']`.
   * @default []
   */
  readonly arm64Hosts?: readonly string[];
  /**
   * Storage that disk images are downloaded to: file-based, with content type `import` (Proxmox VE 8.4 or newer).
   * @default "local"
   */
  readonly imageStorage?: string;
  /**
   * Storage of the VMs' disks, with content type `images`.
   * @default "local-lvm"
   */
  readonly diskStorage?: string;
  /**
   * Bridge that the VMs' network cards are plugged into.
   * @default "vmbr0"
   */
  readonly bridge?: string;
  /**
   * Resource pool that the VMs are put in; it must be there. Example: `'talos'`.
   * @default - none
   */
  readonly pool?: string;
  /**
   * Storages that all hosts see as one, such as Ceph or NFS: what a VM with high availability needs. An image that nodes share is
   * downloaded to such a storage once. Example: `['ceph']`.
   * @default []
   */
  readonly sharedStorages?: readonly string[];
  /**
   * How Proxmox is told where a VM with high availability belongs: `'rules'`, from Proxmox VE 9 on, or `'groups'`, before that, and on
   * a 9 whose groups have not been migrated.
   * @default "rules"
   */
  readonly highAvailability?: HighAvailabilityKind;
  /**
   * `'virtio-scsi-single'` gives each disk an I/O thread of its own. On some hosts Talos waits for its disk there for ever
   * (siderolabs/talos issue 11173): `'virtio-scsi-pci'` is the way out.
   * @default "virtio-scsi-single"
   */
  readonly scsiController?: ScsiController;
}

/** Where Talos' disk images come from. */
export interface ImagesSpec {
  /**
   * URL of the Image Factory: Sidero Labs' own, or one of yours. Proxmox and the nodes must reach it.
   * Example: `'https://factory.example.org'`.
   * @default - that of `airGap`, else `'https://factory.talos.dev'`
   */
  readonly factory?: string;
  /**
   * `true`: Proxmox does not verify the certificate of the factory: for one of yours whose authority the hosts do not know. Nodes
   * that are upgraded from it verify it: `talos.trustedCertificates` names the authority to them.
   * @default false
   */
  readonly insecure?: boolean;
  /**
   * `'per-node'`: each node has an image of its own, which holds its address, and no VM needs a cloud-init drive. `'shared'`: one image
   * for each host, or one for all where `proxmox.imageStorage` is shared, and the address comes by cloud-init: for large clusters.
   * docs/ADDRESSING.md compares them. A change builds no VM anew: those that are there keep what they booted from.
   * @default "per-node"
   */
  readonly mode?: ImageMode;
}

/** Choices of Talos Linux. */
export interface TalosSpec {
  /**
   * `true`: nodes find each other through Sidero Labs' discovery service, which sees encrypted data only. `false`: they depend on
   * the VIP alone to do so, and so do joins to etcd.
   * @default true
   */
  readonly discovery?: boolean;
  /**
   * URL of a discovery service of your own, https. Example: `'https://discovery.example.org'`.
   * @default - Sidero Labs' own, https://discovery.talos.dev/
   */
  readonly discoveryService?: string;
  /**
   * Version of the documents that machine configs are written in, at most that of Talos. A newer one gains nothing by itself;
   * the keys of a running cluster stay.
   * @default "1.9"
   */
  readonly contract?: string;
  /**
   * System extensions beside those that are always there, by the names that Image Factory lists. A change builds new images, and
   * reaches running nodes by an upgrade. Example: `['siderolabs/iscsi-tools']`.
   * @default []
   */
  readonly extensions?: readonly string[];
  /**
   * Kernel parameters of all nodes, as `sysctl` names them. Example: `{ 'vm.max_map_count': '262144' }`.
   * @default {}
   */
  readonly sysctls?: Readonly<Record<string, string>>;
  /**
   * Kernel modules that all nodes load, with their parameters. Example: `{ nbd: ['nbds_max=16'] }`.
   * @default {}
   */
  readonly kernelModules?: Readonly<Record<string, readonly string[]>>;
  /**
   * Where nodes look for container images before the registry itself, by the registry's name; `'*'` is every other one.
   * Example: `{ 'docker.io': { endpoints: ['https://mirror.example.org'] } }`.
   * @default {}
   */
  readonly registryMirrors?: Readonly<Record<string, RegistryMirrorSpec>>;
  /**
   * Certificates of authorities that nodes trust beside the usual ones, each as PEM: of a registry, a factory or a discovery service
   * of yours. Example: `['-----BEGIN CERTIFICATE-----\n…']`.
   * @default []
   */
  readonly trustedCertificates?: readonly string[];
  /**
   * How the partitions of state and of pods' data are encrypted, and disks beside the system disk: `'none'`; `'node-id'`, by a key made
   * of the VM's UUID, against disks that are thrown away; `'tpm'`, by a virtual TPM, which needs `secureBoot`. Decided when a node is
   * made: a later change waits until it is made anew.
   * @default "none"
   */
  readonly diskEncryption?: DiskEncryption;
  /**
   * `true`: images and installers are those that are signed for UEFI Secure Boot. Changing it builds new images, and no VM anew.
   * @default false
   */
  readonly secureBoot?: boolean;
  /**
   * Patches of every node's machine config, merged in this order after all that the spec says: what no field is for. One that has a
   * `kind` is a document of its own; kinds newer than Talos 1.9 are added to the config as they are. No secret belongs here: it would
   * stand in the plan. Example: `[{ machine: { kubelet: { extraArgs: { 'max-pods': '200' } } } }]`.
   * @default []
   */
  readonly patches?: readonly MachineConfigPatch[];
}

/** Where nodes look for the images of one registry. */
export interface RegistryMirrorSpec {
  /** URLs, https or http, tried in this order: one or more. Example: `['https://mirror.example.org']`. */
  readonly endpoints: readonly string[];
  /**
   * `true`: the registry itself is not asked where no mirror has an image.
   * @default false
   */
  readonly skipFallback?: boolean;
  /**
   * `true`: the path of each URL stands for the registry's `/v2`, as Harbor's proxy projects want it.
   * @default false
   */
  readonly overridePath?: boolean;
}

/** Choices of Cilium, the network of pods. */
export interface CiliumSpec {
  /**
   * Who gives each node its block of `podCidr`: `'kubernetes'`, the controller manager, as Talos' documentation demands; or
   * `'cluster-pool'`, Cilium's operator. It can't be changed on a running cluster.
   * @default "kubernetes"
   */
  readonly ipam?: CiliumIpam;
}

/** A Tailscale or Headscale mesh between the nodes. */
export interface TailscaleSpec {
  /**
   * `true`: images hold the Tailscale extension, and a key is asked for at each deploy: `TF_VAR_tailscale_auth_key`. Control planes
   * advertise the addresses of the pools `ingress` and `dns`. Changing it builds new images.
   * @default false
   */
  readonly enabled?: boolean;
  /**
   * What the key is: `'auth-key'`, or `'oauth'`, the secret of an OAuth client, which never ends and needs `tags`.
   * @default "auth-key"
   */
  readonly credential?: TailscaleCredential;
  /**
   * URL of a Headscale server in place of Tailscale's. Example: `'https://headscale.example.org'`.
   * @default - Tailscale's own
   */
  readonly loginServer?: string;
  /**
   * Tags that the nodes have in the tailnet, each with `tag:` before it. Example: `['tag:cluster']`.
   * @default []
   */
  readonly tags?: readonly string[];
  /**
   * Networks that the control planes advertise beside the addresses of the pools `ingress` and `dns`. Example: `['10.96.0.0/12']`.
   * @default []
   */
  readonly routes?: readonly string[];
  /**
   * `true`: nodes take routes that others in the tailnet advertise. One that overlaps the network would cut nodes off from each other.
   * @default false
   */
  readonly acceptRoutes?: boolean;
}

/** The Git repository that Flux applies to the cluster. */
export interface FluxSpec {
  /** URL without any password, https or ssh. Example: `'https://github.com/example-org/groundwork'`. */
  readonly repository: string;
  /**
   * Branch to follow.
   * @default "main"
   */
  readonly branch?: string;
  /**
   * Folder in the repository, beginning with `./`. Example: `'./platform/rendered/infrastructure'`.
   * @default - `./platform/rendered/<name of the cluster>`
   */
  readonly path?: string;
  /**
   * How the repository is read: `'public'` without a credential, `'token'` with one by https, `'deploy-key'` by ssh. The credential is
   * asked for at each deploy: `TF_VAR_flux_token` or `TF_VAR_flux_deploy_key` in the environment.
   * @default - `'deploy-key'` where the URL is ssh, else `'public'`
   */
  readonly access?: GitAccess;
  /**
   * User name that is sent with a token: most Git servers take any, GitLab's deploy tokens have one. Example: `'gitlab+deploy-token-1'`.
   * @default "git"
   */
  readonly username?: string;
  /**
   * What `ssh-keyscan <host>` prints: the keys by which Flux knows an ssh server. Needed for a deploy key.
   * Example: `['git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI']`.
   * @default []
   */
  readonly knownHosts?: readonly string[];
  /**
   * `true`: Flux decrypts what SOPS has encrypted for an age key, which is asked for at each deploy: `TF_VAR_flux_age_key`. It does
   * so, too, where `platform.secrets` is `'sops'`.
   * @default false
   */
  readonly sops?: boolean;
  /**
   * `true`: the key pair of sealed-secrets is yours, so that a cluster made anew opens what is committed. It is asked for at each
   * deploy, as PEM: `TF_VAR_flux_sealing_certificate` and `TF_VAR_flux_sealing_key`.
   * @default false
   */
  readonly sealedSecretsKey?: boolean;
}

/** What runs on the cluster. `npx groundwork platform render` writes it to where Flux reads it. */
export interface PlatformSpec {
  /**
   * DNS zone whose names lead to the cluster; each application gets a name in it. Example: `'test-cluster.example.org'`.
   * @default - none: then there are no certificates, and nothing that needs a name
   */
  readonly domain?: string;
  /**
   * How HTTP comes in: `'cilium'`, the Gateway API by Cilium, or `'ingress-nginx'`, which had its last release in March 2026.
   * @default "cilium"
   */
  readonly gateway?: GatewayKind;
  /**
   * Where TLS of the outside world ends: `'outside'`, on the proxy before the cluster, or `'cluster'`.
   * @default "outside"
   */
  readonly tlsEnd?: TlsEnd;
  /**
   * Public address of the proxy before the cluster: names in the zone lead there. Example: `'203.0.113.10'`.
   * @default - none: names lead to the pools, and the name server's address is left to you
   */
  readonly publicAddress?: string;
  /**
   * Disks of pods: `'proxmox-csi'`, disks of Proxmox which follow a pod from node to node, or `'local-path'`, folders on the node.
   * @default "proxmox-csi"
   */
  readonly storage?: StorageKind;
  /**
   * How Secrets are committed: `'sealed-secrets'`, which a controller in the cluster opens, or `'sops'`, which Flux opens with an
   * age key.
   * @default "sealed-secrets"
   */
  readonly secrets?: SecretsKind;
  /**
   * Applications beyond the test application: `'vault'`, `'authentik'`, `'harbor'`, `'gitea'`, `'matrix'`, `'monitoring'`.
   * All but Vault and monitoring need `domain`.
   * @default []
   */
  readonly applications?: readonly ApplicationName[];
}

/**
 * Where all that is fetched comes from in a network without the Internet. With it, whatever would still be asked of a public host
 * is a warning. A field of another section that says the same (`images.factory`, `network.timeServers`, a registry in
 * `talos.registryMirrors`) wins. `npx groundwork airgap` lists what the mirrors must hold.
 */
export interface AirGapSpec {
  /**
   * URL of an Image Factory. Example: `'https://factory.example.org'`.
   * @default - `images.factory`
   */
  readonly factory?: string;
  /**
   * URL of a registry that holds or proxies the others, each as a project of that name, as Harbor and Zot do: nodes pull
   * `ghcr.io/a/b` as `<url>/v2/ghcr.io/a/b`, and ask the registry itself no more. Example: `'https://mirror.example.org'`.
   * @default - `talos.registryMirrors`
   */
  readonly registry?: string;
  /**
   * URL of one chart repository that holds the charts of Cilium, of Flux and of the platform: an HTTP one, or a folder of a
   * registry. Examples: `'https://charts.example.org'`, `'oci://mirror.example.org/charts'`.
   * @default - the repository of each chart
   */
  readonly charts?: string;
  /**
   * URL of a Git server that holds what the platform takes from GitHub, under the same owner and name. Example:
   * `'https://git.example.org'`.
   * @default - `'https://github.com'`
   */
  readonly git?: string;
  /**
   * NTP servers: one host name or address or more. Example: `['10.0.0.1']`.
   * @default - `network.timeServers`
   */
  readonly timeServers?: readonly string[];
}

/** Exact versions, with no leading `v`. */
export interface VersionsSpec {
  /**
   * Talos Linux, of the images and of later upgrades.
   * @default "1.13.9"
   */
  readonly talos?: string;
  /**
   * Kubernetes, one that Talos supports.
   * @default "1.35.0"
   */
  readonly kubernetes?: string;
  /**
   * kube-vip, where it moves the VIP.
   * @default "0.9.2"
   */
  readonly kubeVip?: string;
  /**
   * The chart `cilium`, which has Cilium's own version.
   * @default "1.19.6"
   */
  readonly cilium?: string;
  /**
   * The chart `flux2`: not the version of Flux.
   * @default "2.18.3"
   */
  readonly flux?: string;
  /**
   * The chart `flux2-sync`.
   * @default "1.14.5"
   */
  readonly fluxSync?: string;
}
