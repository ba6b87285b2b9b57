import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentInterface, VirtualHardware } from '../hardware/hypervisor';
import { writeDisk, readDisk } from '../hardware/disk';
import { mustRun, type CommandRunner } from '../world/command';
import type { LabHypervisor, VmFault } from '../world/running-lab';
import { askAgent } from './guest-agent';
import { startMachineProcess, type MachineProcess, type StartMachine } from './machine-process';
import { bridgeName, namespaceOf, plugIn, tapOf, unplug } from './wiring';

/** Exit status by which a machine asks to be started again at once. */
const REBOOT = 75;
const POWER_OFF = 0;

export interface HypervisorOptions {
  /** One folder per VM is made here. */
  readonly folder: string;
  readonly logFolder: string;
  /** Program that plays a machine, without its arguments. */
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly run: CommandRunner;
  /** @default startMachineProcess */
  readonly startMachine?: StartMachine;
  /** @default Date.now */
  readonly now?: () => number;
}

interface Machine {
  readonly hardware: VirtualHardware;
  readonly folder: string;
  readonly poweredOnAt: number;
  process: MachineProcess;
  /** Resolves when it is off, whoever did it, and its namespace is gone. */
  off: Promise<void>;
  /** True once `stop` or `shutdown` has asked: its end is no surprise to Proxmox. */
  asked: boolean;
}

/** Runs each virtual machine as a network namespace with processes of its own. */
export class NamespaceHypervisor implements LabHypervisor {
  private readonly machines = new Map<number, Machine>();
  private readonly starting = new Set<number>();
  private readonly faults = new Map<number, VmFault>();
  private readonly listeners: ((vmid: number) => void)[] = [];
  private readonly startMachine: StartMachine;
  private readonly now: () => number;

  constructor(private readonly options: HypervisorOptions) {
    this.startMachine = options.startMachine ?? startMachineProcess;
    this.now = options.now ?? Date.now;
  }

  async start(hardware: VirtualHardware): Promise<void> {
    const { vmid } = hardware;
    if (this.machines.has(vmid) || this.starting.has(vmid)) throw new Error(`VM ${vmid} already running`);
    this.starting.add(vmid);
    try {
      await this.powerOn(hardware);
    } catch (error) {
      await this.unwire(hardware);
      throw new Error(`VM ${vmid} can't be started: ${(error as Error).message}`);
    } finally {
      this.starting.delete(vmid);
    }
  }

  private async powerOn(hardware: VirtualHardware): Promise<void> {
    const { vmid } = hardware;
    const folder = join(this.options.folder, String(vmid));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'hardware.json'), JSON.stringify(hardware));
    const fault = this.faults.get(vmid);
    if (fault?.kind === 'wrong-image') swapImage(hardware, fault.image);
    await this.wire(hardware);
    const process = await this.boot(hardware, folder);
    const machine: Machine = {
      hardware,
      folder,
      poweredOnAt: this.now(),
      process,
      off: Promise.resolve(),
      asked: false,
    };
    machine.off = this.watch(machine);
    this.machines.set(vmid, machine);
  }

  async stop(vmid: number): Promise<void> {
    const machine = this.machines.get(vmid);
    if (machine === undefined) return;
    machine.asked = true;
    await machine.process.kill();
    await machine.off;
  }

  /** Pulls every plug. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.machines.keys()].map((vmid) => this.stop(vmid)));
  }

  async shutdown(vmid: number, timeoutMs: number): Promise<boolean> {
    const machine = this.machines.get(vmid);
    if (machine === undefined) return true;
    machine.asked = true;
    machine.process.pressPowerButton();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, timeoutMs);
    });
    const done = await Promise.race([machine.off.then(() => true), late]);
    clearTimeout(timer);
    if (!done) machine.asked = false;
    return done;
  }

  isRunning(vmid: number): boolean {
    return this.machines.has(vmid);
  }

  uptime(vmid: number): number {
    const machine = this.machines.get(vmid);
    return machine === undefined ? 0 : Math.floor((this.now() - machine.poweredOnAt) / 1000);
  }

  async agentInterfaces(vmid: number): Promise<readonly AgentInterface[]> {
    const machine = this.machines.get(vmid);
    if (machine?.hardware.agent !== true) throw new Error('QEMU guest agent is not running');
    return askAgent(join(machine.folder, 'agent.sock'));
  }

  onPowerOff(listener: (vmid: number) => void): void {
    this.listeners.push(listener);
  }

  namespace(vmid: number): string {
    return namespaceOf(vmid);
  }

  machinePid(vmid: number): number {
    return this.running(vmid).process.pid;
  }

  async setLink(vmid: number, up: boolean): Promise<void> {
    const { hardware } = this.running(vmid);
    for (const index of hardware.nics.keys()) await this.ip(['link', 'set', tapOf(vmid, index), up ? 'up' : 'down']);
  }

  inject(vmid: number, fault: VmFault | undefined): void {
    if (fault === undefined) this.faults.delete(vmid);
    else this.faults.set(vmid, fault);
  }

  private running(vmid: number): Machine {
    const machine = this.machines.get(vmid);
    if (machine === undefined) throw new Error(`VM ${vmid} not running`);
    return machine;
  }

  /** Boots again for as long as the machine asks for it; resolves when it is off. */
  private async watch(machine: Machine): Promise<void> {
    const { hardware, folder } = machine;
    const { vmid } = hardware;
    for (;;) {
      const { status } = await machine.process.exited;
      const again = status === REBOOT && !machine.asked;
      this.log(vmid, again ? 'reboots' : `is off: ${ending(status, machine.asked)}`);
      await this.unwire(hardware);
      if (!again) break;
      try {
        await this.wire(hardware);
        machine.process = await this.boot(hardware, folder);
      } catch (error) {
        this.log(vmid, `did not come up again: ${(error as Error).message}`);
        await this.unwire(hardware);
        break;
      }
      // Somebody pulled the plug while the next boot was on its way.
      if (this.wasAsked(machine)) await machine.process.kill();
    }
    this.machines.delete(vmid);
    rmSync(join(folder, 'pid'), { force: true });
    if (!machine.asked) for (const listener of this.listeners) listener(vmid);
  }

  /** Asked anew: the compiler would take the value that it saw before an await. */
  private wasAsked(machine: Machine): boolean {
    return machine.asked;
  }

  private async boot(hardware: VirtualHardware, folder: string): Promise<MachineProcess> {
    const { vmid } = hardware;
    const logs = join(this.options.logFolder, `vm-${vmid}`);
    mkdirSync(logs, { recursive: true });
    rmSync(join(folder, 'agent.sock'), { force: true });
    const machine = [
      ...this.options.program,
      ...['--hardware', join(folder, 'hardware.json'), '--logs', logs, '--agent-socket', join(folder, 'agent.sock')],
    ];
    const started = await this.startMachine({
      vmid,
      program: this.faults.get(vmid)?.kind === 'never-boots' ? ['sleep', 'infinity'] : machine,
      environment: this.options.environment,
      cwd: this.options.cwd,
      console: join(logs, 'console.log'),
    });
    writeFileSync(join(folder, 'pid'), String(started.pid));
    this.log(vmid, `runs as process ${started.pid}`);
    return started;
  }

  private async wire(hardware: VirtualHardware): Promise<void> {
    for (const { bridge, vlan } of hardware.nics) {
      if (!(await this.hasLink(bridge))) throw new Error(`bridge '${bridge}' does not exist`);
      const tagged = bridgeName(bridge, vlan);
      if (await this.hasLink(tagged)) continue;
      await this.ip(['link', 'add', tagged, 'type', 'bridge', 'mcast_snooping', '0']);
      await this.ip(['link', 'set', tagged, 'up']);
    }
    await mustRun(this.options.run, 'ip', ['-batch', '-'], { input: `${plugIn(hardware).join('\n')}\n` });
    await this.ip(['-n', namespaceOf(hardware.vmid), 'link', 'set', 'lo', 'up']);
  }

  private async unwire(hardware: VirtualHardware): Promise<void> {
    // `-force` goes on after a line that fails: a link that is gone already is no reason to keep the rest.
    await this.options.run('ip', ['-force', '-batch', '-'], { input: `${unplug(hardware).join('\n')}\n` });
  }

  private async hasLink(name: string): Promise<boolean> {
    return (await this.options.run('ip', ['link', 'show', name])).status === 0;
  }

  private async ip(args: readonly string[]): Promise<void> {
    await mustRun(this.options.run, 'ip', args);
  }

  private log(vmid: number, text: string): void {
    const line = `${new Date(this.now()).toISOString()} VM ${vmid} ${text}\n`;
    if (existsSync(this.options.logFolder)) appendFileSync(join(this.options.logFolder, 'hypervisor.log'), line);
  }
}

const ending = (status: number, asked: boolean): string => {
  if (status === POWER_OFF) return asked ? 'shut down' : 'powered itself off';
  return asked ? 'stopped' : `its machine process ended with status ${status}`;
};

/** The wrong image in the disk: what a mix-up in a storage would boot. */
const swapImage = ({ disks }: VirtualHardware, image: Extract<VmFault, { kind: 'wrong-image' }>['image']): void => {
  const disk = disks.find(({ path }) => readDisk(path).image !== null);
  if (disk !== undefined) writeDisk(disk.path, { ...readDisk(disk.path), image });
};
