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

const PLANNED = /^\s*# (\S+) will be created\s*$/;
const EVENT = /(?:^|\s)((?:[a-z0-9_]+)\.[A-Za-z0-9_-]+)(?:\[[^\]]*\])?: (Creating\.\.\.|Creation complete after)/;

/** Reads the phases of a deploy off the lines that Terraform prints. */
export class DeployPhases {
  private readonly tallies = new Map<Phase, Tally>();

  /** @param now seconds since the deploy began */
  constructor(private readonly now: () => number) {
    for (const phase of PHASES)
      this.tallies.set(phase, { planned: 0, done: 0, startedAt: undefined, endedAt: undefined });
  }

  /**
   * @param line as cdktf prints it, with the stack's name before it
   * @returns the phase that has begun or ended with this line, if one has
   */
  read(line: string): { readonly index: number; readonly change: 'began' | 'ended' } | undefined {
    const text = line.replace(/^\S+ {2}/, '');
    const planned = PLANNED.exec(text)?.[1];
    if (planned !== undefined) {
      const tally = this.tallyOf(planned);
      if (tally !== undefined) tally.planned += 1;
      return undefined;
    }
    const [, address = '', event] = EVENT.exec(text) ?? [];
    const tally = this.tallyOf(address);
    if (tally === undefined) return undefined;
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

  states(): readonly PhaseState[] {
    return [...this.tallies].map(([{ name }, tally]) => ({ name, ...tally }));
  }

  private tallyOf(address: string): Tally | undefined {
    for (const [phase, tally] of this.tallies) if (phase.resources.test(address)) return tally;
    return undefined;
  }
}
