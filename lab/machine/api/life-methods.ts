import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { installedBy } from '../installer-image';
import type { Machine } from '../machine';
import type { EventSelection } from '../machine-events';
import { ApiError } from './api-error';
import { service, stream, unary, type CallContext, type Handler } from './local-backend';
import { reply } from './machine-methods';

interface EventsRequest {
  readonly tail_events: number;
  readonly tail_id: string;
  readonly tail_seconds: number;
  readonly with_actor_id: string;
}

/** Resolves when the caller is gone, or the machine. */
export const gone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const events =
  (machine: Machine) =>
  async (request: EventsRequest, send: (message: object) => Promise<void>, { signal }: CallContext): Promise<void> => {
    await send(machine.events.hello(request.with_actor_id));
    const selection: EventSelection = {
      tail: request.tail_events,
      afterId: request.tail_id,
      tailSeconds: request.tail_seconds,
      actorId: request.with_actor_id,
    };
    const stop = machine.events.watch(selection, (event) => void send(event));
    await gone(signal);
    stop();
  };

/** Where the machine's own paths are in the lab: only what STATE and EPHEMERAL hold can be read. */
const fileOf = (machine: Machine, path: string): string | undefined => {
  const clean = normalize(path);
  for (const [prefix, label] of [
    ['/system/state/', 'STATE'],
    ['/var/', 'EPHEMERAL'],
  ] as const)
    if (clean.startsWith(prefix)) return join(machine.disk.path, label, clean.slice(prefix.length));
  return undefined;
};

const read =
  (machine: Machine) =>
  async ({ path }: { readonly path: string }, send: (message: object) => Promise<void>): Promise<void> => {
    if (path === '/proc/sys/kernel/random/boot_id') return send({ bytes: Buffer.from(`${machine.bootId}\n`) });
    const file = fileOf(machine, path);
    if (file === undefined || !existsSync(file))
      throw new ApiError('NOT_FOUND', `stat ${path}: no such file or directory`);
    if (!statSync(file).isFile()) throw new ApiError('UNKNOWN', 'path must be a regular file');
    for await (const chunk of createReadStream(file)) await send({ bytes: chunk as Buffer });
  };

interface ResetRequest {
  readonly graceful: boolean;
  readonly reboot: boolean;
  readonly system_partitions_to_wipe: readonly { readonly label: string; readonly wipe: boolean }[];
  readonly user_disks_to_wipe: readonly string[];
  readonly mode: 'ALL' | 'SYSTEM_DISK' | 'USER_DISKS';
}

const PARTITIONS = ['META', 'STATE', 'EPHEMERAL'] as const;
type Partition = (typeof PARTITIONS)[number];

const reset =
  (machine: Machine) =>
  (request: ResetRequest): object => {
    const { mode, user_disks_to_wipe: userDisks, system_partitions_to_wipe: wanted } = request;
    if (userDisks.length > 0 && mode === 'SYSTEM_DISK')
      throw new ApiError(
        'UNKNOWN',
        "reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter",
      );
    if (userDisks.length > 0 || mode === 'USER_DISKS')
      throw new ApiError('UNIMPLEMENTED', 'the lab wipes no user disks');
    const partitions = wanted.map(({ label, wipe }) => {
      const known = PARTITIONS.find((partition) => partition === label);
      if (known === undefined)
        throw new ApiError(
          'UNKNOWN',
          `failed to get volume status with label ${JSON.stringify(label)}: resource VolumeStatuses.block.talos.dev(runtime/${label}@undefined) doesn't exist`,
        );
      return { partition: known, wipe };
    });
    const actorId = randomUUID();
    const toWipe: Partition[] = partitions.filter(({ wipe }) => wipe).map(({ partition }) => partition);
    machine.power.reset({ graceful: request.graceful, reboot: request.reboot, partitions: toWipe }, actorId);
    return reply({ actor_id: actorId });
  };

/**
 * A control plane is upgraded while etcd has all its members. Source: v1alpha1_server.go, Upgrade, and
 * internal/pkg/etcd/etcd.go, ValidateForUpgrade.
 */
const validateEtcd = async ({ config, services }: Machine): Promise<void> => {
  if (config?.type !== 'controlplane' || services === undefined) return;
  const failed = (words: string): Error => new Error(`error validating etcd for upgrade: ${words}`);
  const members = await services.etcdMembers({ queryLocal: false }).catch((error: unknown) => {
    throw failed((error as Error).message);
  });
  if (members.length === 2)
    throw failed('etcd member count(2) is insufficient to maintain quorum if upgrade commences');
  const unstarted = members.find(({ hostname }) => hostname === '');
  if (unstarted !== undefined)
    throw failed(
      `etcd member ${unstarted.id.toString(16).padStart(16, '0')} is not started, all members must be running to perform an upgrade`,
    );
};

/** What ends the machine's run, and what can be followed of it. */
export const lifeMethods = (machine: Machine): readonly [string, Handler][] =>
  service('machine.MachineService', {
    Events: stream(events(machine)),
    Read: stream(read(machine)),
    Reboot: unary(() => {
      const actorId = randomUUID();
      machine.power.reboot(actorId);
      return reply({ actor_id: actorId });
    }),
    Reset: unary(reset(machine)),
    Shutdown: unary(() => {
      const actorId = randomUUID();
      machine.power.shutdown(actorId);
      return reply({ actor_id: actorId });
    }),
    Upgrade: unary(async ({ image, force }: { readonly image: string; readonly force: boolean }) => {
      const actorId = randomUUID();
      const installed = installedBy(image, machine.image);
      if (!force) await validateEtcd(machine);
      machine.power.upgrade(installed, actorId);
      return reply({ ack: 'Upgrade request received', actor_id: actorId });
    }),
  });
