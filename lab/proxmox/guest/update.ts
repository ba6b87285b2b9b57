import type { Call, Cluster } from '../cluster';
import { given, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import { propertyOf, splitList } from '../schema/validate';
import type { GuestConfig, GuestState } from '../state';
import type { Worker } from '../tasks';
import { prepare, settingsOf } from './create';
import { createDisks } from './disks';
import { isCdrom, isCloudInit, isDrive, parseDrive, printDrive } from './drives';
import { checkLock, checkProtection, digestOf } from './guests';
import { memoryOf } from './hardware';
import { applyPending, changeOption, revertOption, withPending } from './pending';
import {
  type Asker,
  checkBridges,
  checkDevices,
  checkDriveChange,
  checkOptions,
  checkStorageAccess,
  checkTags,
} from './privileges';

interface Change {
  readonly call: Call;
  readonly asker: Asker;
  readonly settings: GuestConfig;
  readonly deleted: readonly string[];
}

const deletedOf = ({ cluster, parameters }: Call, settings: GuestConfig): string[] => {
  const known = cluster.schema.methods['POST /nodes/{node}/qemu']?.parameters ?? {};
  return splitList(parameters['delete']).map((name) => {
    const key = name === 'cdrom' ? 'ide2' : name;
    if (settings[key] !== undefined)
      throw badParameters({ delete: `you can't use '-${key}' and -delete ${key}' at the same time` });
    if (propertyOf(known, key) === undefined) throw badParameters({ delete: `unknown option '${key}'` });
    return key;
  });
};

const checkConfig = ({ call, settings }: Change, guest: GuestState): void => {
  const config = withPending(guest);
  const digest = call.parameters['digest'];
  if (digest !== undefined && digest !== digestOf(guest))
    throw failure('checksum mismatch (file change by other user?)');
  checkLock(config);
  const balloon = Number(settings['balloon'] ?? config['balloon'] ?? 0);
  if ((settings['memory'] ?? settings['balloon']) !== undefined && balloon > memoryOf({ ...config, ...settings })) {
    throw failure('balloon value too large (must be smaller than assigned memory)');
  }
};

/** Keeps a volume that no drive refers to any more as `unusedN`. */
const keepUnused = (config: GuestConfig, volid: string): void => {
  if (Object.values(config).some((value) => value.split(',')[0] === volid)) return;
  for (let n = 0; ; n += 1) {
    if (config[`unused${n}`] !== undefined) continue;
    config[`unused${n}`] = volid;
    return;
  }
};

const detach = (cluster: Cluster, { config, node }: GuestState, key: string): void => {
  const drive = parseDrive(cluster.schema, key, config[key] ?? '');
  const volume =
    isCdrom(drive) && !isCloudInit(drive) ? undefined : cluster.storages.findVolume(drive['file'] ?? '', node);
  Reflect.deleteProperty(config, key);
  if (volume === undefined) return;
  if (isCloudInit(drive)) cluster.storages.remove(volume);
  else keepUnused(config, cluster.storages.volidOf(volume));
};

const removeOption = ({ call: { cluster }, asker }: Change, guest: GuestState, key: string, worker: Worker): void => {
  const { config, node } = guest;
  const value = config[key];
  if (value === undefined && guest.pending?.set[key] !== undefined) {
    revertOption(guest, key);
    return;
  }
  if (value === undefined) {
    worker.log(`cannot delete '${key}' - not set in current configuration!`);
    return;
  }
  const order = /order=([^,]*)/.exec(config['boot'] ?? '')?.[1]?.split(';');
  if (key !== 'boot' && order?.includes(key))
    config['boot'] = `order=${order.filter((device) => device !== key).join(';')}`;
  if (/^unused\d+$/.test(key)) {
    checkProtection(config, `can't remove unused disk '${value}'`);
    cluster.access.checkVm(asker.user, asker.vmid, undefined, 'VM.Config.Disk');
    const volume = cluster.storages.findVolume(value, node);
    if (volume !== undefined) cluster.storages.remove(volume);
  } else if (isDrive(key)) {
    checkProtection(config, `can't remove drive '${key}'`);
    checkDriveChange(asker, parseDrive(cluster.schema, key, value));
    detach(cluster, guest, key);
    return;
  } else if (key === 'tags') checkTags(asker);
  else checkDevices(asker, { [key]: value });
  if (/^net\d+$/.test(key)) checkBridges(asker, { [key]: value });
  if (/^unused\d+$/.test(key)) Reflect.deleteProperty(config, key);
  else changeOption(cluster, guest, key);
};

const setDrive = async (
  { call: { cluster, node, user }, asker }: Change,
  guest: GuestState,
  key: string,
  text: string,
  worker: Worker,
): Promise<void> => {
  const { config } = guest;
  const before = config[key];
  const drive = parseDrive(cluster.schema, key, text);
  if (before !== undefined) checkDriveChange(asker, parseDrive(cluster.schema, key, before));
  checkDriveChange(asker, drive);
  const made = await createDisks({ cluster, worker, user, node, vmid: asker.vmid, settings: { [key]: text } });
  const after = made[key] ?? printDrive(drive);
  if (before !== undefined && before.split(',')[0] !== after.split(',')[0]) detach(cluster, guest, key);
  config[key] = after;
  for (const unused of Object.keys(config).filter(
    (name) => /^unused\d+$/.test(name) && config[name] === after.split(',')[0],
  )) {
    Reflect.deleteProperty(config, unused);
  }
  const order = /order=([^,]*)/.exec(config['boot'] ?? '')?.[1]?.split(';');
  if (isCdrom(drive) && !isCloudInit(drive) && order?.includes(key) === false)
    config['boot'] = `order=${[...order, key].join(';')}`;
};

const checkBoot = (config: GuestConfig, text: string): void => {
  for (const device of (/order=([^,]*)/.exec(text)?.[1] ?? '').split(';').filter(Boolean)) {
    // The quote at the end is Proxmox' own.
    if (config[device] === undefined) throw failure(`invalid bootorder: device '${device}' does not exist'`);
  }
};

const apply = async (change: Change, worker: Worker): Promise<void> => {
  const { call, asker, settings, deleted } = change;
  const { cluster } = call;
  const guest = cluster.guests.get(call.node, asker.vmid);
  checkConfig(change, guest);
  if (!cluster.hypervisor.isRunning(asker.vmid)) applyPending(guest);
  for (const key of splitList(call.parameters['revert'])) revertOption(guest, key);
  for (const key of deleted) removeOption(change, guest, key, worker);
  // boot last: it may name devices of the same call
  for (const key of Object.keys(settings).sort(
    (a, b) => Number(a === 'boot') - Number(b === 'boot') || (a < b ? -1 : 1),
  )) {
    const value = settings[key] ?? '';
    const before = guest.config[key];
    if (isDrive(key)) await setDrive(change, guest, key, value, worker);
    else {
      if (key === 'boot') checkBoot(withPending(guest), value);
      if (key === 'tags') checkTags(asker);
      if (before !== undefined && /^net\d+$/.test(key)) checkBridges(asker, { [key]: before });
      checkDevices(asker, { [key]: value });
      changeOption(cluster, guest, key, value);
    }
  }
};

/** What both forms of update do first. */
const start = (call: Call): Change => {
  const { cluster, node, user, parameters } = call;
  const asker: Asker = { cluster, user, vmid: vmidOf(call) };
  if (parameters['skiplock'] !== undefined && user !== 'root@pam')
    throw badParameters({ skiplock: 'Only root may use this option.' });
  const asked = settingsOf(call);
  if (Object.keys(asked).length === 0 && parameters['delete'] === undefined && parameters['revert'] === undefined) {
    throw failure('no options specified');
  }
  const deleted = deletedOf(call, asked);
  const settings = prepare(cluster, asked);
  checkOptions(asker, deleted);
  checkOptions(asker, Object.keys(settings));
  checkStorageAccess(asker, settings);
  checkBridges(asker, settings);
  const change = { call, asker, settings, deleted };
  checkConfig(change, cluster.guests.get(node, asker.vmid));
  return change;
};

/** PUT …/config: answers when it is done. What a running VM can't take waits for the next power-on: pending.ts. */
export const updateVm = async (call: Call): Promise<null> => {
  const change = start(call);
  const worker: Worker = {
    log: () => undefined,
    warn: () => undefined,
    signal: new AbortController().signal,
    fault: call.fault,
    takes: () => Promise.resolve(),
  };
  await call.cluster.guests.locked(change.asker.vmid, () => apply(change, worker));
  return null;
};

/** POST …/config: the same as a task, which may be waited for. */
export const updateVmLater = async (call: Call): Promise<string | null> => {
  const { cluster, node, parameters } = call;
  const change = start(call);
  const upid = call.fork(given(call, 'vmid'), (worker) =>
    cluster.guests.locked(change.asker.vmid, () => apply(change, worker)),
  );
  if (parameters['background_delay'] === undefined) return upid;
  await cluster.tasks.settle(upid);
  const { exitstatus } = cluster.tasks.find(node, upid);
  if (exitstatus === undefined) return upid;
  if (exitstatus === 'OK' || exitstatus.startsWith('WARNINGS: ')) return null;
  throw failure(`failed to update VM ${change.asker.vmid}: ${exitstatus}`);
};

/** PUT …/cloudinit: the drive holds what the config says when the VM is next switched on, so there is nothing to write. */
export const regenerateCloudInit = async (call: Call): Promise<null> => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  await cluster.guests.locked(vmid, () => {
    checkLock(cluster.guests.get(node, vmid).config);
  });
  return null;
};
