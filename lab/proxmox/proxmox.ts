import type { Clock } from '../durations/clock';
import type { Durations } from '../durations/durations';
import type { Hypervisor } from '../hardware/hypervisor';
import type { TokenOptions, UserOptions } from './access/authentication';
import type { Host } from './cluster';
import type { Fault, Faults } from './faults';
import type { RecordedRequest, WireRequest, WireResponse } from './requests';
import type { Snapshot } from './snapshot';
import type { ClusterState } from './state';
import type { RemoteFiles } from './storage/remote-files';
import type { StorageOptions } from './storage/storages';

export interface ProxmoxOptions {
  /** Where the API of the whole cluster answers; it enters at the first host. Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM texts; `cert` may be followed by the certificates that signed it. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** One or several hosts of one Proxmox cluster. */
  readonly hosts: readonly Host[];
  /** `9.2.6`, or an 8.4.x. @default '9.2.6' */
  readonly version?: string;
  readonly storages: readonly StorageOptions[];
  /** As `vmbr0`: present on every host. */
  readonly bridges: readonly string[];
  readonly users?: readonly UserOptions[];
  readonly tokens?: readonly TokenOptions[];
  /** Names of pools that are there from the start. */
  readonly pools?: readonly string[];
  /** Resource mappings of PCI devices, which every host has one of. */
  readonly pciMappings?: readonly string[];
  readonly hypervisor: Hypervisor;
  /** What tasks take. @default PROFILES.instant */
  readonly durations?: Durations;
  readonly faults?: readonly Fault[];
  readonly clock?: Clock;
  /** PEM certificates that signed what the hosts download from. @default - the system's */
  readonly trusted?: readonly string[];
  /** How the hosts fetch files. @default - over HTTPS */
  readonly remote?: RemoteFiles;
  readonly randomBytes?: (count: number) => Buffer;
  /** What was saved before; VMs in it are off. */
  readonly state?: ClusterState;
  readonly log?: (line: string) => void;
}

/** A running simulator. */
export interface Proxmox {
  /** As `https://10.0.0.2:8006`, without trailing slash. */
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: Faults;
  /** VMs, disks, images and tasks as they are now. */
  snapshot(): Snapshot;
  /** Everything that the cluster remembers, as JSON. */
  save(): ClusterState;
  /** Puts back what was saved: the disks' folders must still be there. @throws Error while a VM runs */
  load(state: ClusterState): void;
  /** A host that does not answer: its calls are refused with 595. */
  setOnline(host: string, online: boolean): void;
  /** The same as a call over the wire, without the wire. */
  inject(request: WireRequest): Promise<WireResponse>;
  /** Resolves when no task runs. */
  idle(): Promise<void>;
  /** Stops all tasks and the server; VMs are left to the hypervisor. */
  close(): Promise<void>;
}
