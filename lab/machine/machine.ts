import { randomUUID } from 'node:crypto';
import type { Clock } from '../durations/clock';
import type { DiskImage } from '../hardware/disk-image';
import type { VirtualHardware } from '../hardware/hypervisor';
import type { NodeService, NodeServices } from '../control-plane/node-services';
import { ApiListener } from './api/api-server';
import { LocalBackend, type Handlers } from './api/local-backend';
import { API_PORT } from './api/peer-backend';
import { Router } from './api/router';
import { findBootDisk, type BootDisk } from './boot-image';
import { ConfigIntake } from './config-intake';
import { ConfigStore } from './config-store';
import type { ValidateConfig } from './config-validator';
import { ConfiguredNode, type LoadNodeServices } from './configured-node';
import type { Exchange } from './discovery';
import { AGENT_EXTENSION, type GuestAgent } from './guest-agent';
import type { LabSettings } from './lab-settings';
import { MachineConfig } from './machine-config';
import { MachineEvents } from './machine-events';
import { MachineStatus } from './machine-status';
import { MetaPartition, NETWORK_CONFIG_KEY } from './meta-partition';
import { cloudInitNetwork } from './network/cloud-init';
import { configNetwork } from './network/config-network';
import type { MachineNetwork } from './network/machine-network';
import { NO_NETWORK, type NetworkConfig } from './network/network-config';
import { parsePlatformNetwork } from './network/platform-network';
import { OwnServices } from './own-services';
import { selfSigned } from './pki/self-signed';
import { Power, type ExitStatus } from './power';
import { watchServices } from './service-watch';
import { TalosVersion } from './talos-version';

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
  /** What a time server would answer, in milliseconds since 1970. */
  readonly timeServer: () => number;
  /** Address that the APIs listen on, as `0.0.0.0`. */
  readonly listen: string;
  readonly handlers: (machine: Machine) => { readonly apid: Handlers; readonly oldMaintenance: Handlers };
  readonly log: (line: string) => void;
  /** Ends the process. */
  readonly exit: (status: ExitStatus) => void;
}

/** What has been booted: nothing of it is there on a machine that found no image. */
interface Booted {
  readonly disk: BootDisk;
  readonly version: TalosVersion;
  readonly meta: MetaPartition;
  readonly store: ConfigStore;
}

/**
 * A volume whose key can't be sealed is not mounted, and nothing starts without STATE. Source: siderolabs/talos
 * internal/pkg/encryption/keys/tpm2.go, NewKey, and secureboot/tpm2/seal.go.
 */
const NO_TPM = 'STATE and EPHEMERAL are not mounted: their key belongs into a TPM, and this machine has none';

/** For replies under way when a listener closes. */
const GRACE_MS = 500;

/** A Talos machine, from power-on to power-off. */
export class Machine {
  readonly events: MachineEvents;
  readonly status: MachineStatus;
  readonly own: OwnServices;
  readonly power: Power;
  readonly intake: ConfigIntake;
  /** What /proc/sys/kernel/random/boot_id holds: another one after each boot. */
  readonly bootId = randomUUID();
  private booted: Booted | undefined;
  private maintenance: ApiListener | undefined;
  private node: ConfiguredNode | undefined;
  private platform: NetworkConfig = NO_NETWORK;
  /** The layer of operators, above that of the machine config: addresses that this machine holds for all. */
  private readonly held = new Set<string>();
  private stopWatching: (() => void) | undefined;

  constructor(readonly input: MachineInput) {
    const now = (): number => input.clock.now();
    this.events = new MachineEvents(now);
    this.status = new MachineStatus(this.events);
    this.own = new OwnServices(now);
    this.power = new Power(this);
    this.intake = new ConfigIntake(this);
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
  get store(): ConfigStore {
    return this.system.store;
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
    const disk = findBootDisk(hardware.disks, hardware.architecture);
    if (disk === undefined) {
      log(`no bootable device among ${hardware.disks.length} disk(s): the firmware waits`);
      return;
    }
    await clock.sleep(settings.durations['vm-boot'].ms);
    const { image, customization } = disk;
    const schematic = image.schematicId.slice(0, 12);
    log(`boots Talos ${image.talosVersion} (${image.platform}, schematic ${schematic}) from ${disk.device}`);
    const meta = MetaPartition.open(disk.path, customization.meta);
    const version = TalosVersion.parse(image.talosVersion);
    this.booted = { disk, version, meta, store: new ConfigStore(disk.path) };
    this.status.set('BOOTING');
    for (const id of ['machined', 'udevd', 'syslogd', 'auditd']) this.own.running(id);
    await network.boot(customization.kernelArgs);
    this.platform = this.readPlatformNetwork();
    const stored = this.store.read();
    const config = stored === undefined ? undefined : MachineConfig.parse(stored);
    await network.apply(this.layers(config));
    if (this.hasAgent() && (config !== undefined || settings.agentInMaintenance)) await agent.start();
    await (config === undefined ? this.enterMaintenance() : this.configure(config));
  }

  /** The ACPI power button: a machine at its firmware's prompt does not hear it. */
  powerButton(): void {
    if (this.booted === undefined) this.input.log('power button: nothing runs that hears it');
    else this.power.shutdown('');
  }

  private hasAgent(): boolean {
    return this.input.hardware.agent && this.disk.customization.extensions.includes(AGENT_EXTENSION);
  }

  /** Of the platforms, metal alone reads META key 10, and nocloud alone the cloud-init drive. */
  private readPlatformNetwork(): NetworkConfig {
    const metal = this.image.platform === 'metal';
    try {
      if (!metal) return cloudInitNetwork(this.input.hardware, this.input.network.physical);
      const text = this.system.meta.read(NETWORK_CONFIG_KEY);
      return text === undefined ? NO_NETWORK : parsePlatformNetwork(text);
    } catch (fault) {
      const source = metal ? `META key ${NETWORK_CONFIG_KEY}` : 'cloud-init drive';
      this.input.log(`${source}: no platform network: ${(fault as Error).message}`);
      return NO_NETWORK;
    }
  }
  private layers(config: MachineConfig | undefined): readonly NetworkConfig[] {
    if (config === undefined) return [this.platform];
    const asked = configNetwork(config, this.input.network.physical);
    const addresses = asked.shared
      .filter(({ address }) => this.held.has(address))
      .map(({ link, address }) => ({ link, cidr: `${address}/${address.includes(':') ? 128 : 32}` }));
    return [this.platform, asked, { ...NO_NETWORK, addresses }];
  }

  private readonly holdAddress = async (address: string, held: boolean): Promise<void> => {
    if (held) this.held.add(address);
    else this.held.delete(address);
    await this.input.network.apply(this.layers(this.config));
    if (held) await this.input.network.announce(address);
  };

  private readonly onCall = (path: string, code: number, message: string): void =>
    this.input.log(`${path.slice(1)} ${code === 0 ? 'OK' : `${code} ${message}`}`);

  private local(authorize: boolean): LocalBackend {
    const { apid, oldMaintenance } = this.input.handlers(this);
    return new LocalBackend(authorize ? apid : oldMaintenance, authorize);
  }

  private async enterMaintenance(): Promise<void> {
    const { clock, listen, log } = this.input;
    const local = this.local(this.version.apidServesMaintenance());
    this.events.publish('TaskEvent', { task: 'runningMaintenance', action: 'START' });
    this.maintenance = await ApiListener.open({
      address: `${listen}:${API_PORT}`,
      ...selfSigned('maintenance-service.talos.dev', new Date(clock.now())),
      clientCas: undefined,
      anonymousRoles: new Set(['os:reader']),
      backend: new Router({ local, isLocal: () => false, peer: undefined, routingDisabled: true }),
      onCall: this.onCall,
    });
    this.own.running('apid');
    this.status.set('MAINTENANCE');
    log(`machine API: listens on ${listen}:${API_PORT} in maintenance mode`);
  }

  private async configure(config: MachineConfig): Promise<void> {
    const { network, agent, settings } = this.input;
    this.status.set('BOOTING');
    this.events.publish('SequenceEvent', { sequence: 'boot', action: 'START' });
    if (this.hasAgent()) await agent.start();
    this.stopWatching = watchServices(this);
    const { address } = network;
    if (address === undefined) {
      this.input.log('the machine has no address: its API and its services wait for one');
      return;
    }
    if (config.sealsToTpm && this.input.hardware.tpm !== true) {
      this.input.log(NO_TPM);
      return;
    }
    this.node = new ConfiguredNode(
      {
        ...this.input,
        disk: this.disk.path,
        talosVersion: this.version.tag,
        address,
        hostname: this.hostname,
        nodeId: this.store.nodeId(),
        discoveryUrl: settings.discoveryUrl,
        own: this.own,
        local: this.local(true),
        holdAddress: this.holdAddress,
        onCall: this.onCall,
      },
      config,
    );
    await this.node.start();
  }

  /** From maintenance, or from another config, to this one without a restart. */
  async goOver(config: MachineConfig): Promise<void> {
    await this.input.network.apply(this.layers(config));
    if (this.node !== undefined) {
      await this.node.reconfigure(config);
      return;
    }
    this.events.publish('TaskEvent', { task: 'runningMaintenance', action: 'STOP' });
    await this.maintenance?.close(GRACE_MS);
    this.maintenance = undefined;
    await this.configure(config);
  }

  /** Writes or deletes a META value; the network follows key 10 at once. False where there was no key to delete. */
  async changeMeta(key: number, value: Buffer | undefined): Promise<boolean> {
    const { meta } = this.system;
    if (value !== undefined) meta.write(key, value);
    else if (!meta.delete(key)) return false;
    if (key === NETWORK_CONFIG_KEY) {
      this.platform = this.readPlatformNetwork();
      await this.input.network.apply(this.layers(this.config));
    }
    return true;
  }

  async stopServices(): Promise<void> {
    await this.node?.stopServices();
  }
  /** Closes what listens; nothing of the machine keeps a process alive afterwards. */
  async close(): Promise<void> {
    this.stopWatching?.();
    this.input.agent.stop();
    await Promise.all([this.maintenance?.close(GRACE_MS), this.node?.close(GRACE_MS)]);
  }
}
