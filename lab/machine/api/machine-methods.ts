import { devicePath } from '../boot-image';
import { readDisk } from '../../hardware/disk';
import type { NodeService } from '../../control-plane/node-services';
import type { ApplyMode } from '../apply-mode';
import type { Machine } from '../machine';
import { ApiError, NOT_AUTHORIZED } from './api-error';
import { timestamp } from './definitions';
import { service, unary, type CallContext, type Handler } from './local-backend';

/** A reply of one machine: the list of messages that apid merges. */
export const reply = (message: object): object => ({ messages: [message] });

interface ApplyConfigurationRequest {
  readonly data: Buffer;
  readonly mode: ApplyMode;
  readonly dry_run: boolean;
  readonly try_mode_timeout: { readonly seconds: string; readonly nanos: number } | null;
}

const apply =
  (machine: Machine) =>
  async (request: ApplyConfigurationRequest, { roles }: CallContext): Promise<object> => {
    if (machine.config !== undefined && !roles.has('os:admin')) throw new ApiError('PERMISSION_DENIED', NOT_AUTHORIZED);
    const timeout = request.try_mode_timeout;
    const decision = await machine.intake.apply(request.data.toString('utf8'), {
      mode: request.mode,
      dryRun: request.dry_run,
      tryTimeoutMs: timeout === null ? undefined : Number(timeout.seconds) * 1000 + timeout.nanos / 1_000_000,
    });
    return reply({ mode: decision.mode, mode_details: decision.details, warnings: decision.warnings });
  };

const serviceInfo = ({ id, state, health, events }: NodeService): object => ({
  id,
  state,
  health: {
    unknown: health.unknown,
    healthy: health.healthy,
    last_message: health.message,
    last_change: timestamp(events.at(-1)?.at ?? new Date(0)),
  },
  events: { events: events.map(({ message, state: then, at }) => ({ msg: message, state: then, ts: timestamp(at) })) },
});

/** A guest sees a little less than it was given: kernel and firmware keep some. */
const KERNEL_SHARE = 0.02;
const MIB = 1024 * 1024;
/** What the partitions before EPHEMERAL take of a disk: EFI, BIOS, BOOT, META and STATE (pkg/imager/../partition/constants.go). */
const SYSTEM_PARTITIONS_BYTES = (100 + 1 + 1000 + 1 + 100) * MIB;

/** Partitions of the system disk that a configured machine has mounted. */
export const mountedPartitions = ({
  disk: { device, sizeBytes },
}: Machine): readonly {
  readonly label: 'STATE' | 'EPHEMERAL';
  readonly source: string;
  readonly target: string;
  readonly bytes: number;
}[] => {
  const path = devicePath(device);
  return [
    { label: 'STATE', source: `${path}5`, target: '/system/state', bytes: 100 * MIB },
    { label: 'EPHEMERAL', source: `${path}6`, target: '/var', bytes: sizeBytes - SYSTEM_PARTITIONS_BYTES },
  ];
};

const mounts = (machine: Machine) => (): object =>
  reply({
    stats:
      machine.config === undefined
        ? []
        : mountedPartitions(machine).map(({ source, target, bytes }) => ({
            filesystem: source,
            size: String(bytes),
            available: String(Math.floor(bytes * 0.95)),
            mounted_on: target,
          })),
  });

const disks = (machine: Machine) => (): object =>
  reply({
    disks: machine.input.hardware.disks.map(({ device, path }) => ({
      size: String(readDisk(path).sizeBytes),
      model: 'QEMU HARDDISK',
      device_name: devicePath(device),
      type: 'SSD',
      bus_path: `/pci0000:00/${device}`,
      system_disk: device === machine.disk.device,
      subsystem: '/sys/class/block',
    })),
  });

const version = (machine: Machine) => (): object => {
  const { platform, arch } = machine.image;
  return reply({
    version: { tag: machine.version.tag, sha: 'lab', built: '', go_version: '', os: 'linux', arch },
    platform: { name: platform, mode: platform === 'metal' ? 'metal' : 'cloud' },
    ...(machine.config === undefined ? {} : { features: { rbac: true } }),
  });
};

const memory = (machine: Machine) => (): object => {
  const total = Math.floor(machine.input.hardware.memoryMiB * 1024 * (1 - KERNEL_SHARE));
  return reply({
    meminfo: {
      memtotal: String(total),
      memfree: String(Math.floor(total / 2)),
      memavailable: String(Math.floor((total * 3) / 4)),
    },
  });
};

/** Source: pkg/machinery/constants, DefaultNTPServer. */
const DEFAULT_TIME_SERVER = 'time.cloudflare.com';

/** There is no time server in the lab: the one that is asked has the time of this computer. */
const time = (machine: Machine) => (): object => {
  const { clock, timeServer } = machine.input;
  const server = machine.config?.timeServers[0] ?? DEFAULT_TIME_SERVER;
  return reply({
    server,
    localtime: timestamp(new Date(clock.now())),
    remotetime: timestamp(new Date(timeServer())),
  });
};

interface MetaRequest {
  readonly key: number;
  readonly value?: Buffer;
}

const metaKey = ({ key }: MetaRequest): number => {
  if (key > 255) throw new ApiError('INVALID_ARGUMENT', 'key must be a uint8');
  return key;
};

/** What every machine answers of itself, with or without a config. */
export const machineMethods = (machine: Machine): readonly [string, Handler][] => [
  ...service('machine.MachineService', {
    ApplyConfiguration: unary(apply(machine)),
    Hostname: unary(() => reply({ hostname: machine.hostname })),
    Memory: unary(memory(machine)),
    MetaDelete: unary(async (request: MetaRequest) => {
      if (!(await machine.changeMeta(metaKey(request), undefined)))
        throw new ApiError('NOT_FOUND', 'meta key not found');
      return reply({});
    }),
    MetaWrite: unary(async (request: MetaRequest) => {
      await machine.changeMeta(metaKey(request), request.value ?? Buffer.alloc(0));
      return reply({});
    }),
    Mounts: unary(mounts(machine)),
    ServiceList: unary(() => reply({ services: machine.serviceList().map(serviceInfo) })),
    Version: unary(version(machine)),
  }),
  ...service('storage.StorageService', { Disks: unary(disks(machine)) }),
  ...service('time.TimeService', { Time: unary(time(machine)) }),
];

const refuse = (message: string): Handler =>
  unary(() => {
    throw new ApiError('UNIMPLEMENTED', message);
  });

/** The few methods of the little server that stands in maintenance up to 1.12. Source: internal/app/maintenance/server.go at v1.12.0. */
export const oldMaintenanceMethods = (machine: Machine): readonly [string, Handler][] => {
  const forAdmins = refuse('API is not implemented in maintenance mode');
  return [
    ...service('machine.MachineService', {
      ApplyConfiguration: unary(apply(machine)),
      GenerateClientConfiguration: refuse(
        "client configuration (talosconfig) can't be generated in the maintenance mode",
      ),
      ...{ MetaDelete: forAdmins, MetaWrite: forAdmins, Reset: forAdmins, Upgrade: forAdmins, Version: forAdmins },
    }),
    ...service('storage.StorageService', { Disks: unary(disks(machine)) }),
  ];
};
