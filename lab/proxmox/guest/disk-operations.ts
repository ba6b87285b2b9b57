import { readDisk } from '../../hardware/disk';
import type { Call } from '../cluster';
import { flag, given, vmidOf } from '../cluster';
import { badParameters, failure, messageOf } from '../errors';
import type { VolumeState } from '../state';
import { claimSpace } from './disks';
import { isCdrom, parseDrive, printDrive, type Drive } from './drives';
import { checkLock, digestOf } from './guests';

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

interface Attached {
  readonly drive: Drive;
  readonly volume: VolumeState;
}

/** The disk that a call speaks of. @throws ApiError 500 */
const attached = ({ cluster, node, parameters }: Call, vmid: number, key: string, cdrom: string): Attached => {
  const guest = cluster.guests.get(node, vmid);
  const { config } = guest;
  checkLock(config);
  const digest = parameters['digest'];
  if (digest !== undefined && digest !== digestOf(guest))
    throw failure('checksum mismatch (file change by other user?)');
  const text = config[key];
  if (text === undefined) throw failure(`disk '${key}' does not exist`);
  const drive = parseDrive(cluster.schema, key, text);
  if (isCdrom(drive)) throw failure(cdrom);
  return { drive, volume: cluster.storages.volume(drive['file'] ?? '', node) };
};

/** PUT …/resize: grows a disk, or leaves it as it is. */
export const resizeDisk = (call: Call): string => {
  const { cluster, node, user } = call;
  const vmid = vmidOf(call);
  const key = given(call, 'disk');
  if (call.parameters['skiplock'] !== undefined && user !== 'root@pam')
    throw badParameters({ skiplock: 'Only root may use this option.' });
  const [, plus, number, unit = ''] = /^(\+)?(\d+(?:\.\d+)?)([KMGT])?$/.exec(given(call, 'size')) ?? [];
  return call.fork(vmid, (worker) =>
    cluster.guests.locked(vmid, () => {
      const { drive, volume } = attached(call, vmid, key, "you can't resize a cdrom");
      cluster.access.check(user, `/storage/${volume.storage}`, 'Datastore.AllocateSpace');
      const asked = Math.floor(Number(number) * (UNITS[unit] ?? 1));
      const size = plus === undefined ? asked : volume.sizeBytes + asked;
      if (size < volume.sizeBytes) throw failure('shrinking disks is not supported');
      if (size === volume.sizeBytes) return;
      cluster.storages.resize(volume, size);
      cluster.guests.get(node, vmid).config[key] = printDrive({ ...drive, size: String(size) });
      worker.log(`resized ${key} to ${size} bytes`);
    }),
  );
};

/** POST …/move_disk: to another storage. Moving to another VM is not simulated. */
export const moveDisk = (call: Call): string => {
  const { cluster, node, user, parameters } = call;
  const vmid = vmidOf(call);
  const key = given(call, 'disk');
  const target = parameters['storage'];
  if (parameters['target-vmid'] !== undefined) throw failure('moving a disk to another VM is not simulated');
  if (target === undefined) {
    const text = "both 'storage' and 'target-vmid' missing, either needs to be set";
    throw badParameters({ 'target-vmid': text, storage: text });
  }
  cluster.access.check(user, `/storage/${target}`, 'Datastore.AllocateSpace');
  const check = (): Attached => {
    const found = attached(call, vmid, key, "you can't move a cdrom");
    const format = parameters['format'];
    if (found.volume.storage === target && (format === undefined || format === found.volume.format)) {
      throw failure("you can't move to the same storage with same format");
    }
    if (!cluster.storages.get(target).content.includes('images')) {
      throw badParameters({ storage: `storage '${target}' does not support vm images` });
    }
    return found;
  };
  check();
  return call.fork(vmid, (worker) =>
    cluster.guests.locked(vmid, () => {
      const { drive, volume } = check();
      const storage = cluster.storages.get(target);
      const source = cluster.storages.volidOf(volume);
      worker.log(`copying volume '${source}' from current storage '${volume.storage}' to target storage '${target}'`);
      try {
        claimSpace({ cluster, worker }, storage, node, volume.writtenBytes);
      } catch (error) {
        throw failure(`storage migration failed: ${messageOf(error)}`);
      }
      const format = cluster.storages.fileBased(storage)
        ? (parameters['format'] ?? cluster.storages.defaultFormat(storage))
        : 'raw';
      const { image } = readDisk(volume.path);
      const copy = cluster.storages.copy(volume, {
        storage,
        node,
        vmid,
        format,
        sizeBytes: volume.sizeBytes,
        writtenBytes: volume.writtenBytes,
        image,
      });
      // a running machine goes on in the folder that it has open
      if (cluster.hypervisor.isRunning(vmid)) [volume.path, copy.path] = [copy.path, volume.path];
      const { config } = cluster.guests.get(node, vmid);
      config[key] = printDrive({ ...drive, file: cluster.storages.volidOf(copy), size: String(copy.sizeBytes) });
      if (flag(call, 'delete')) cluster.storages.remove(volume);
      else {
        const n = [...Array(256).keys()].find((index) => config[`unused${index}`] === undefined) ?? 0;
        config[`unused${n}`] = source;
      }
    }),
  );
};
