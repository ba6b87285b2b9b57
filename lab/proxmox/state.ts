/** A VM's config file: keys and values as text, as in `/etc/pve/qemu-server/<vmid>.conf`. */
export type GuestConfig = Record<string, string>;

export interface GuestState {
  readonly vmid: number;
  /** Proxmox host that it is on. */
  node: string;
  config: GuestConfig;
  /** Changes that wait for the next power-on: the section `[PENDING]` of the file. */
  pending?: { readonly set: GuestConfig; readonly deleted: readonly string[] };
}

/** A disk of a VM. Its folder may stand elsewhere than its name says: a running VM keeps the one it has. */
export interface VolumeState {
  readonly storage: string;
  /** Host that has it; null on a storage that all share. */
  node: string | null;
  /** As `vm-100-disk-0` or `100/vm-100-disk-0.qcow2`. */
  readonly name: string;
  readonly vmid: number;
  readonly format: string;
  sizeBytes: number;
  /** Of its content. */
  readonly writtenBytes: number;
  /** Absolute path of the folder. */
  path: string;
  /** Seconds since 1970. */
  readonly ctime: number;
}

export interface PoolState {
  comment?: string;
  vms: number[];
  storage: string[];
}

/** A section of the HA stack's config files, as text. */
export type HaSection = Record<string, string>;

export interface TaskState {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  /** Seconds since 1970. */
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  readonly log: string[];
  /** `OK`, or what went wrong; undefined while it runs. */
  exitstatus?: string;
  endtime?: number;
}

/** Everything that a Proxmox cluster remembers, as JSON; running VMs are the hypervisor's. */
export interface ClusterState {
  guests: Record<string, GuestState>;
  volumes: VolumeState[];
  pools: Record<string, PoolState>;
  ha: { groups: Record<string, HaSection>; resources: Record<string, HaSection>; rules: Record<string, HaSection> };
  tasks: TaskState[];
  /** Of the last task. */
  pid: number;
}

export const emptyState = (): ClusterState => ({
  guests: {},
  volumes: [],
  pools: {},
  ha: { groups: {}, resources: {}, rules: {} },
  tasks: [],
  pid: 1000,
});
