import { readDisk, writeDisk } from '../hardware/disk';
import type { DiskImage } from '../hardware/disk-image';
import { wipePartitions, type Partition } from './config-store';
import type { Machine } from './machine';
import type { Stage } from './machine-status';
import { runSequence, type Phase } from './sequence';
import { TalosVersion } from './talos-version';

/** Exit status of the machine's process: what the hypervisor makes of its end. */
export const POWER_OFF = 0;
export const REBOOT = 75;
export type ExitStatus = typeof POWER_OFF | typeof REBOOT;

export interface ResetOptions {
  /** True: a control plane leaves etcd first, and stays where it can't. */
  readonly graceful: boolean;
  readonly reboot: boolean;
  /** Empty: the whole system disk. */
  readonly partitions: readonly Partition[];
}

interface Ending {
  readonly name: string;
  readonly stage: Stage;
  readonly status: ExitStatus;
  readonly phases: readonly Phase[];
}

/** The ways in which a machine's run ends. Each returns at once: the reply to the call comes before the end. */
export class Power {
  private underWay: string | undefined;

  constructor(private readonly machine: Machine) {}

  /** True from the start of a sequence to the end of the process. */
  get isEnding(): boolean {
    return this.underWay !== undefined;
  }

  reboot(actorId: string): void {
    this.end({ name: 'reboot', stage: 'REBOOTING', status: REBOOT, phases: [this.stopServices] }, actorId);
  }
  shutdown(actorId: string): void {
    this.end({ name: 'shutdown', stage: 'SHUTTING_DOWN', status: POWER_OFF, phases: [this.stopServices] }, actorId);
  }
  reset({ graceful, reboot, partitions }: ResetOptions, actorId: string): void {
    const { machine } = this;
    const { path } = machine.disk;
    const leave: Phase = { phase: 'leave', task: 'leaveEtcd', run: () => machine.services?.etcdLeave() };
    const wipe: Phase =
      partitions.length > 0
        ? { phase: 'resetSpec', task: 'resetSystemDiskPartitions', run: () => wipePartitions(path, partitions) }
        : {
            phase: 'reset',
            task: 'resetSystemDisk',
            run: () => {
              wipePartitions(path, ['META', 'STATE', 'EPHEMERAL']);
              writeDisk(path, { ...readDisk(path), image: null });
            },
          };
    const leaves = graceful && machine.config?.type === 'controlplane';
    const phases = [...(leaves ? [leave] : []), this.stopServices, wipe];
    this.end({ name: 'reset', stage: 'RESETTING', status: reboot ? REBOOT : POWER_OFF, phases }, actorId);
  }
  /** Boots `image` next. */
  upgrade(image: DiskImage, actorId: string): void {
    const { input, disk } = this.machine;
    const write: Phase = {
      phase: 'upgrade',
      task: 'upgrade',
      run: async () => {
        await input.clock.sleep(input.settings.durations['image-pull'].ms);
        const against = TalosVersion.parse(image.talosVersion).againstUpgradeFrom(this.machine.version);
        if (against !== undefined) throw new Error(against);
        writeDisk(disk.path, { ...readDisk(disk.path), image });
      },
    };
    this.end({ name: 'upgrade', stage: 'UPGRADING', status: REBOOT, phases: [this.stopServices, write] }, actorId);
  }

  /** A service that does not stop is no reason to stay on: the end of the process ends it. */
  private get stopServices(): Phase {
    const run = (): Promise<void> => this.machine.stopServices();
    return { phase: 'stopEverything', task: 'stopAllServices', run, optional: true };
  }

  /** One sequence at a time: a second one is refused, and logged. One that fails leaves the machine on. */
  private end({ name, stage, status, phases }: Ending, actorId: string): void {
    const { events, status: machineStatus, input } = this.machine;
    if (this.underWay !== undefined) {
      input.log(`${name} is refused: ${this.underWay} is under way`);
      return;
    }
    this.underWay = name;
    const before = machineStatus.stage;
    const run = async (): Promise<void> => {
      machineStatus.set(stage);
      await runSequence({ name, phases, events, actorId, log: input.log });
      await this.machine.close();
      input.log(status === REBOOT ? 'reboots' : 'powers off');
      input.exit(status);
    };
    setImmediate(() => {
      run().catch((fault: unknown) => {
        input.log(`${name} failed: ${(fault as Error).message}`);
        this.underWay = undefined;
        machineStatus.set(before);
      });
    });
  }
}
