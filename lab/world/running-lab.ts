import type { DiskImage } from '../hardware/disk-image';
import type { Hypervisor } from '../hardware/hypervisor';
import type { Site } from '../site/site';

/** How one command ended. */
export interface RunResult {
  /** Exit status; 128 + signal number where a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  /** Called for each line of stdout and stderr as it comes, without its line end. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Added to the lab's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the checkout. */
  readonly cwd?: string;
  /** Written to the command's standard input, which is empty otherwise. */
  readonly input?: string;
  /** The command is killed with its children, and its status is 137. Default: no limit. */
  readonly timeoutMs?: number;
  /** Also written to `<logFolder>/<log>.log`. */
  readonly log?: string;
}

/** A VM as the simulated Proxmox lists it. */
export interface LabVirtualMachine {
  readonly vmid: number;
  readonly name: string;
  readonly host: string;
  readonly running: boolean;
}

/** What a check may ask the simulated Proxmox without going over the wire. */
export interface LabProxmox {
  virtualMachines(): readonly LabVirtualMachine[];
  /** Volume ids of every storage, disks and images alike, as `local:import/talos-….qcow2`. */
  volumes(): readonly string[];
}

/** What a check may ask the simulated Image Factory. */
export interface LabImageFactory {
  /** Ids of the schematics that were posted. */
  schematics(): readonly string[];
}

/** What goes wrong with a VM from its next power-on; `setLink` cuts one off that runs. */
export type VmFault =
  /** It runs, and nobody ever answers: firmware without a boot loader. */
  | { readonly kind: 'never-boots' }
  /** Its first disk holds this image, whatever was imported. */
  | { readonly kind: 'wrong-image'; readonly image: DiskImage };

/** The hypervisor, and what only a lab can do to a VM. */
export interface LabHypervisor extends Hypervisor {
  /** Cuts the VM off its bridge, or joins it again. @throws Error where the VM is off */
  setLink(vmid: number, up: boolean): Promise<void>;
  /** Name of the network namespace, as `vm-1500`. */
  namespace(vmid: number): string;
  /** First process of the VM, as the lab's processes see it. @throws Error where the VM is off */
  machinePid(vmid: number): number;
  /** Holds until it is taken back with undefined. */
  inject(vmid: number, fault: VmFault | undefined): void;
}

/** The lab from inside: everything that a rehearsal needs, and nothing of how it was built. */
export interface RunningLab {
  /** The whole environment of child commands (nothing else is inherited): KUBECONFIG, TALOSCONFIG, SSL_CERT_FILE, TF_CLI_CONFIG_FILE … */
  readonly environment: Readonly<Record<string, string>>;
  /** The repository's root, cwd of commands. */
  readonly checkout: string;
  /** In memory, and gone with the lab: state, kubeconfig, disks. */
  readonly workFolder: string;
  /** On disk; stays after a failure. */
  readonly logFolder: string;
  readonly site: Site;
  readonly proxmox: LabProxmox;
  readonly hypervisor: LabHypervisor;
  readonly factory: LabImageFactory;
  /** Aborted when the lab is asked to stop: a rehearsal ends as soon as it can. */
  readonly stopping: AbortSignal;
  /** True where progress may be redrawn: standard output is a terminal. */
  readonly interactive: boolean;
  /** What the lab itself took: the synth, and all from the first process to servers that answer (the synth included). */
  readonly seconds: { readonly synth: number; readonly world: number };
  /** Highest sum of the lab's process memory (anonymous and shared) and its in-memory files so far, in bytes. */
  peakMemoryBytes(): number;
  /** Runs in the lab's root namespaces. Resolves with any exit status; rejects only where the command can't be started. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs in the namespaces of a VM (network, mounts, processes), as root there. @throws Error where the VM is off */
  inNode(vmid: number, command: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** From the command line. */
export interface RehearsalOptions {
  /** False: `cdktf destroy` is not rehearsed. Default in the command line: true, and false with `keep`. */
  readonly destroy: boolean;
  /** True: the lab stays up after the rehearsal. */
  readonly keep: boolean;
  /** True: the result is JSON on stdout, progress goes to stderr. */
  readonly json: boolean;
  /** Name of the profile of durations, as `instant`. */
  readonly profile: string;
  /** What is tried out on the deployed cluster, by name (`--scenario`), as `vip-failover`. Default: nothing. */
  readonly scenarios?: readonly string[];
}
