/** A step of a deploy that a person knows by name: some of Terraform's resources. */
interface Phase {
  readonly name: string;
  /** Terraform addresses that belong to it. */
  readonly resources: RegExp;
}

/** In the order in which they begin. By resource type, so that any cluster's stack is read; the gates by their name. */
const PHASES: readonly Phase[] = [
  { name: 'images', resources: /^(talos_image_factory_schematic|proxmox(_virtual_environment)?_download_file)\./ },
  { name: 'VMs', resources: /^proxmox_virtual_environment_vm\./ },
  { name: 'configs', resources: /^talos_machine_configuration_apply\./ },
  { name: 'bootstrap', resources: /^(talos_machine_bootstrap|talos_cluster_kubeconfig)\./ },
  { name: 'API', resources: /^null_resource\.api/ },
  { name: 'Cilium', resources: /^helm_release\.cilium/ },
  { name: 'nodes', resources: /^null_resource\.ready/ },
  { name: 'Flux', resources: /^(helm_release|kubernetes_namespace)\.flux/ },
];

export interface PhaseState {
  readonly name: string;
  readonly planned: number;
  readonly done: number;
  /** Seconds since the deploy began; undefined before the first of its resources. */
  readonly startedAt: number | undefined;
  /** Undefined until all of its planned resources are there. */
  readonly endedAt: number | undefined;
}

interface Tally {
  planned: number;
  done: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
}

/** With cdktf's prefix and the construct's path, both of which may be missing. */
const EVENT = /(?:^|\s)([a-z0-9_]+\.[A-Za-z0-9_-]+)(?: \([^)]*\))?: (Creating\.\.\.|Creation complete after)/;

/** Reads the phases of a deploy off the lines that Terraform prints. */
export class DeployPhases {
  private readonly tallies = new Map<Phase, Tally>();
  private isPlanned = false;

  /**
   * @param planned Terraform addresses of all resources; asked for when the first of them begins: cdktf does not print
   *   the whole plan
   * @param now seconds since the deploy began
   */
  constructor(
    private readonly planned: () => readonly string[],
    private readonly now: () => number,
  ) {
    for (const phase of PHASES) {
      this.tallies.set(phase, { planned: 0, done: 0, startedAt: undefined, endedAt: undefined });
    }
  }

  /** @returns the phase that has begun or ended with this line, if one has */
  read(line: string): { readonly index: number; readonly change: 'began' | 'ended' } | undefined {
    const [, address = '', event] = EVENT.exec(line) ?? [];
    const tally = this.tallyOf(address);
    if (tally === undefined) return undefined;
    this.plan();
    const index = [...this.tallies.values()].indexOf(tally);
    if (event === 'Creating...') {
      if (tally.startedAt !== undefined) return undefined;
      tally.startedAt = this.now();
      return { index, change: 'began' };
    }
    tally.done += 1;
    if (tally.done < tally.planned) return undefined;
    tally.endedAt = this.now();
    return { index, change: 'ended' };
  }

  private plan(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    for (const address of this.planned()) {
      const tally = this.tallyOf(address);
      if (tally !== undefined) tally.planned += 1;
    }
  }

  states(): readonly PhaseState[] {
    return [...this.tallies].map(([{ name }, tally]) => ({ name, ...tally }));
  }

  private tallyOf(address: string): Tally | undefined {
    for (const [phase, tally] of this.tallies) if (phase.resources.test(address)) return tally;
    return undefined;
  }
}
