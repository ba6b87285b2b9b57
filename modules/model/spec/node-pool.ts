import type { Architecture, MachineConfigPatch, NodeRole } from '../cluster-plan';
import type { DiskSpec, NetworkCardSpec, NodeNetworkSpec, NodeSizeSpec, TaintSpec, VmSizeSpec } from './machine';

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
