import type { HighAvailabilityKind, ImageMode, ScsiController } from '../cluster-plan';

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
