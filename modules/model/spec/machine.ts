import type { DiskFilesystem, TaintEffect } from '../cluster-plan';

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
