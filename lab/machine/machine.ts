import { randomUUID } from 'node:crypto';
import type { Clock } from '../durations/clock';
import { readDisk, writeDisk } from '../hardware/disk';
import type { DiskImage } from '../hardware/disk-image';
import type { VirtualHardware } from '../hardware/hypervisor';
import type { NodeService, NodeServices } from '../control-plane/node-services';
import { ApiError } from './api/api-error';
import { ApiListener } from './api/api-server';
import { LocalBackend, type Handlers } from './api/local-backend';
import { Router } from './api/router';
import { decideApply, type ApplyDecision, type ApplyRequest } from './apply-mode';
import { findBootDisk, type BootDisk } from './boot-image';
import { ConfigStore, wipePartitions } from './config-store';
import type { ValidateConfig } from './config-validator';
import { ConfiguredNode, type LoadNodeServices } from './configured-node';
import type { Exchange } from './discovery';
import { AGENT_EXTENSION, type GuestAgent } from './guest-agent';
import type { LabSettings } from './lab-settings';
import { MachineConfig } from './machine-config';
import { MachineEvents } from './machine-events';
import { isUp, MachineStatus, unmetByServices, type Stage } from './machine-status';
import { MetaPartition, NETWORK_CONFIG_KEY } from './meta-partition';
import { configNetwork } from './network/config-network';
import type { MachineNetwork } from './network/machine-network';
import { NO_NETWORK, type NetworkConfig } from './network/network-config';
import { parsePlatformNetwork } from './network/platform-network';
import { OwnServices } from './own-services';
import { selfSigned } from './pki/self-signed';
import { runSequence, type Phase } from './sequence';
import { TalosVersion } from './talos-version';

/** Exit status of the machine's process: what the hypervisor makes of its end. */
export const POWER_OFF = 0;
export const REBOOT = 75;

export interface MachineInput {
  readonly hardware: VirtualHardware;
  readonly settings: LabSettings;
  /** Absolute paths by name. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly network: MachineNetwork;
  readonly agent: GuestAgent;
  readonly validate: ValidateConfig;
  readonly loadNodeServices: LoadNodeServices;
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** Address that the APIs listen on. Default: all. */
  readonly listen?: string;
  /** Default: 50000 and 50001, as in Talos. */
  readonly apiPort?: number;
  readonly trustdPort?: number;
  readonly handlers: (machine: Machine) => { readonly apid: Handlers; readonly oldMaintenance: Handlers };
  readonly log: (line: string) => void;
  /** Ends the process. */
  readonly exit: (status: typeof POWER_OFF | typeof REBOOT) => void;
}

/** What has been booted: nothing of it is there on a machine that found no image. */
interface Booted {
  readonly disk: BootDisk;
  readonly version: TalosVersion;
  readonly meta: MetaPartition;
  readonly store: ConfigStore;
}

const STATUS_POLL_MS = 250;
/** For replies under way when the machine ends. */
const GRACE_MS = 500;

/** A Talos machine, from power-on to power-off. */
export class Machine {
  readonly events: MachineEvents;
  readonly status: MachineStatus;
  readonly own: OwnServices;
  /** What /proc/sys/kernel/random/boot_id holds: another one after each boot. */
  readonly bootId = randomUUID();
  private booted: Booted | undefined;
  private maintenance: ApiListener | undefined;
  private node: ConfiguredNode | undefined;
  private platform: NetworkConfig = NO_NETWORK;
  private poll: NodeJS.Timeout | undefined;
  private rollback: NodeJS.Timeout | undefined;
  private applying = false;
  private running: string | undefined;
  private rebooting = false;

  constructor(readonly input: MachineInput) {
    const now = (): number => input.clock.now();
    this.events = new MachineEvents(now);
    this.status = new MachineStatus(this.events);
    this.own = new OwnServices(now);
  }

  private get system(): Booted {
    if (this.booted === undefined) throw new Error('nothing was booted');
    return this.booted;
  }
  get disk(): BootDisk {
    return this.system.disk;
  }
  get image(): DiskImage {
    return this.system.disk.image;
  }
  get version(): TalosVersion {
    return this.system.version;
  }
  /** Undefined in maintenance. */
  get config(): MachineConfig | undefined {
    return this.node?.config;
  }
  get services(): NodeServices | undefined {
    return this.node?.services;
  }
  get hostname(): string {
    const { network, hardware } = this.input;
    // Talos makes a stable name of its own where no layer gives one.
    return network.hostname ?? `talos-${hardware.uuid.slice(0, 3)}-${hardware.uuid.slice(3, 6)}`.toLowerCase();
  }
  serviceList(): readonly NodeService[] {
    return this.own.with(this.node?.services?.services() ?? []);
  }

  async boot(): Promise<void> {
    const { hardware, network, agent, settings, clock, log } = this.input;
    const disk = findBootDisk(hardware.disks);
    if (disk === undefined) {
      log(`no bootable device among ${hardware.disks.length} disk(s): the firmware waits`);
      return;
    }
    await clock.sleep(settings.durations['vm-boot'].ms);
    const { image, customization } = disk;
    log(
      `boots Talos ${image.talosVersion} (${image.platform}, schematic ${image.schematicId.slice(0, 12)}) from ${disk.device}`,
    );
    const meta = MetaPartition.open(disk.path, customization.meta);
    this.booted = { disk, version: TalosVersion.parse(image.talosVersion), meta, store: new ConfigStore(disk.path) };
    this.status.set('BOOTING');
    for (const id of ['machined', 'udevd', 'syslogd', 'auditd']) this.own.running(id);
    await network.boot(customization.kernelArgs);
    this.platform = this.readPlatformNetwork();
    const stored = this.system.store.read();
    const config = stored === undefined ? undefined : MachineConfig.parse(stored);
    await network.apply(this.layers(config));
    if (this.hasAgent() && (config !== undefined || settings.agentInMaintenance)) await agent.start();
    await (config === undefined ? this.enterMaintenance() : this.configure(config));
  }

  private hasAgent(): boolean {
    return this.input.hardware.agent && this.disk.customization.extensions.includes(AGENT_EXTENSION);
  }

  /** Only the metal platform reads key 10; what cloud-init is for nocloud stands elsewhere. */
  private readPlatformNetwork(): NetworkConfig {
    const text = this.image.platform === 'metal' ? this.system.meta.read(NETWORK_CONFIG_KEY) : undefined;
    if (text === undefined) return NO_NETWORK;
    try {
      return parsePlatformNetwork(text);
    } catch (fault) {
      this.input.log(`META key ${NETWORK_CONFIG_KEY}: no platform network: ${(fault as Error).message}`);
      return NO_NETWORK;
    }
  }
  private layers(config: MachineConfig | undefined): readonly NetworkConfig[] {
    return config === undefined ? [this.platform] : [this.platform, configNetwork(config, this.input.network.physical)];
  }

  private readonly onCall = (path: string, code: number, message: string): void =>
    this.input.log(`${path.slice(1)} ${code === 0 ? 'OK' : `${code} ${message}`}`);

  private local(authorize: boolean): LocalBackend {
    const { apid, oldMaintenance } = this.input.handlers(this);
    return new LocalBackend(authorize ? apid : oldMaintenance, authorize);
  }

  private async enterMaintenance(): Promise<void> {
    const { clock, listen = '0.0.0.0', apiPort = 50000, log } = this.input;
    const apid = this.version.apidServesMaintenance();
    this.events.publish('TaskEvent', { task: 'runningMaintenance', action: 'START' });
    this.maintenance = await ApiListener.open({
      address: `${listen}:${apiPort}`,
      ...selfSigned('maintenance-service.talos.dev', new Date(clock.now())),
      clientCas: undefined,
      anonymousRoles: new Set(['os:reader']),
      backend: new Router({ local: this.local(apid), isLocal: () => false, peer: undefined, routingDisabled: true }),
      onCall: this.onCall,
    });
    this.own.running('apid');
    this.status.set('MAINTENANCE');
    log(`machine API: listens on ${listen}:${apiPort} in maintenance mode`);
  }

  private async configure(config: MachineConfig): Promise<void> {
    const {
      network,
      agent,
      listen = '0.0.0.0',
      apiPort = 50000,
      trustdPort = 50001,
      settings,
      clock,
      log,
    } = this.input;
    const { address } = network;
    this.status.set('BOOTING');
    this.events.publish('SequenceEvent', { sequence: 'boot', action: 'START' });
    if (this.hasAgent()) await agent.start();
    this.watchServices();
    if (address === undefined) {
      log('the machine has no address: its API and its services wait for one');
      return;
    }
    this.node = new ConfiguredNode(
      {
        ...{
          hardware: this.input.hardware,
          disk: this.disk.path,
          talosVersion: this.version.tag,
          nodeId: this.system.store.nodeId(),
        },
        ...{
          address,
          hostname: this.hostname,
          listen,
          apiPort,
          trustdPort,
          discoveryUrl: settings.discoveryUrl,
          clock,
          log,
        },
        ...{
          binaries: this.input.binaries,
          logPath: this.input.logPath,
          loadNodeServices: this.input.loadNodeServices,
          exchange: this.input.exchange,
        },
        ...{ own: this.own, local: this.local(true), onCall: this.onCall },
      },
      config,
    );
    await this.node.start();
  }

  /** Asks the services how they are; the boot has ended once all of them were up. */
  private watchServices(): void {
    const states = new Map<string, string>();
    this.poll = setInterval(() => {
      if (this.running !== undefined || this.config === undefined) return;
      const services = this.serviceList();
      for (const { id, state, health, events } of services) {
        const key = `${state} ${String(health.healthy)}`;
        if (states.get(id) === key) continue;
        states.set(id, key);
        this.events.publish('ServiceStateEvent', {
          service: id,
          action: state.toUpperCase(),
          message: events.at(-1)?.message ?? '',
          health: { ...health, last_message: health.message },
        });
      }
      const unmet = unmetByServices(services, this.config.type);
      const up =
        unmet.length === 0 &&
        services.every((service) => isUp(service) || service.state === 'Finished' || service.state === 'Skipped');
      if (up && this.status.stage === 'BOOTING') {
        this.events.publish('SequenceEvent', { sequence: 'boot', action: 'STOP' });
        this.input.log('machine is running and ready');
      }
      this.status.set(up || this.status.stage === 'RUNNING' ? 'RUNNING' : 'BOOTING', unmet);
    }, STATUS_POLL_MS).unref();
  }

  /** @throws ApiError in Talos' words */
  async apply(yaml: string, request: ApplyRequest): Promise<ApplyDecision> {
    if (this.applying) throw new ApiError('FAILED_PRECONDITION', 'another apply configuration is already in progress');
    if (this.rebooting)
      throw new ApiError(
        'FAILED_PRECONDITION',
        'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot',
      );
    this.applying = true;
    try {
      if (request.mode !== 'TRY') clearTimeout(this.rollback);
      const current = this.config;
      const decision = decideApply(this.version, request, await this.input.validate(yaml), current, () =>
        MachineConfig.parse(yaml),
      );
      this.input.log(`apply config request: mode ${request.mode.toLowerCase()}: ${decision.effect}`);
      if (decision.effect === 'take' || decision.effect === 'store' || decision.effect === 'reboot')
        this.system.store.write(yaml);
      if (decision.effect === 'reboot') {
        this.rebooting = true;
        this.reboot('');
      }
      if (decision.effect === 'take' || decision.effect === 'try') this.take(MachineConfig.parse(yaml));
      if (decision.effect === 'try')
        this.rollback = setTimeout(
          () => (current === undefined ? this.reboot('') : this.take(current)),
          request.tryTimeoutMs ?? 60_000,
        ).unref();
      return decision;
    } finally {
      this.applying = false;
    }
  }

  /** Goes over to a config once the reply to the call that brought it is on its way. */
  private take(config: MachineConfig): void {
    setImmediate(() => {
      this.goOver(config).catch((fault: unknown) =>
        this.input.log(`config: ${(fault as Error).stack ?? String(fault)}`),
      );
    });
  }
  private async goOver(config: MachineConfig): Promise<void> {
    await this.input.network.apply(this.layers(config));
    if (this.node !== undefined) return this.node.reconfigure(config);
    this.events.publish('TaskEvent', { task: 'runningMaintenance', action: 'STOP' });
    await this.maintenance?.close(GRACE_MS);
    this.maintenance = undefined;
    await this.configure(config);
  }

  /** Writes a META value; the network follows key 10 at once. False where there was no key to delete. */
  async changeMeta(key: number, value: Buffer | undefined): Promise<boolean> {
    if (value === undefined) {
      if (!this.system.meta.delete(key)) return false;
    } else this.system.meta.write(key, value);
    if (key === NETWORK_CONFIG_KEY) {
      this.platform = this.readPlatformNetwork();
      await this.input.network.apply(this.layers(this.config));
    }
    return true;
  }

  reboot(actorId: string): void {
    this.end('reboot', 'REBOOTING', actorId, REBOOT, [this.stopServices]);
  }
  /** Also what the ACPI power button asks for; a machine at its firmware's prompt does not hear it. */
  shutdown(actorId: string): void {
    if (this.booted === undefined) this.input.log('power button: nothing runs that hears it');
    else this.end('shutdown', 'SHUTTING_DOWN', actorId, POWER_OFF, [this.stopServices]);
  }
  /** Wipes `partitions`, or the whole system disk where there are none. */
  reset(
    options: {
      readonly graceful: boolean;
      readonly reboot: boolean;
      readonly partitions: readonly ('META' | 'STATE' | 'EPHEMERAL')[];
    },
    actorId: string,
  ): void {
    const { graceful, reboot, partitions } = options;
    const leave: Phase = { phase: 'leave', task: 'leaveEtcd', run: () => this.services?.etcdLeave() };
    const wipe: Phase =
      partitions.length > 0
        ? {
            phase: 'resetSpec',
            task: 'resetSystemDiskPartitions',
            run: () => wipePartitions(this.disk.path, partitions),
          }
        : {
            phase: 'reset',
            task: 'resetSystemDisk',
            run: () => {
              wipePartitions(this.disk.path, ['META', 'STATE', 'EPHEMERAL']);
              writeDisk(this.disk.path, { ...readDisk(this.disk.path), image: null });
            },
          };
    const leaves = graceful && this.config?.type === 'controlplane';
    this.end('reset', 'RESETTING', actorId, reboot ? REBOOT : POWER_OFF, [
      ...(leaves ? [leave] : []),
      this.stopServices,
      wipe,
    ]);
  }
  /** Boots `image` next. */
  upgrade(image: DiskImage, actorId: string): void {
    const write: Phase = {
      phase: 'upgrade',
      task: 'upgrade',
      run: async () => {
        await this.input.clock.sleep(this.input.settings.durations['image-pull'].ms);
        writeDisk(this.disk.path, { ...readDisk(this.disk.path), image });
      },
    };
    this.end('upgrade', 'UPGRADING', actorId, REBOOT, [this.stopServices, write]);
  }

  private get stopServices(): Phase {
    return { phase: 'stopEverything', task: 'stopAllServices', run: () => this.node?.stopServices(), optional: true };
  }

  /** Runs the phases, then ends the process. One sequence at a time: a second one is refused, and logged. */
  private end(
    name: string,
    stage: Stage,
    actorId: string,
    status: typeof POWER_OFF | typeof REBOOT,
    phases: readonly Phase[],
  ): void {
    const { log, events, exit, agent } = { ...this.input, events: this.events };
    if (this.running !== undefined) {
      log(`${name} is refused: ${this.running} is under way`);
      return;
    }
    this.running = name;
    const before = this.status.stage;
    const run = async (): Promise<void> => {
      this.status.set(stage);
      await runSequence({ name, phases, events, actorId, log });
      agent.stop();
      await Promise.all([this.maintenance?.close(GRACE_MS), this.node?.close(GRACE_MS)]);
      clearInterval(this.poll);
      log(status === REBOOT ? 'reboots' : 'powers off');
      exit(status);
    };
    setImmediate(() => {
      run().catch((fault: unknown) => {
        log(`${name} failed: ${(fault as Error).message}`);
        this.running = undefined;
        this.status.set(before);
      });
    });
  }
}
