import type { DiskEncryption, MachineConfigPatch } from '../cluster-plan';

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
