import { existsSync, readFileSync, statSync } from 'node:fs';
import { readDisk } from '../../hardware/disk';
import { type DiskImage, decodeDiskImage } from '../../hardware/disk-image';
import type { Cluster } from '../cluster';
import { failure, messageOf } from '../errors';
import type { GuestConfig, VolumeState } from '../state';
import type { StorageOptions } from '../storage/storages';
import { checkVolumeAccess } from '../storage/volume-access';
import { parseVolumeName, tryParseVolumeId } from '../storage/volume-id';
import type { Worker } from '../tasks';
import { type Drive, isCloudInit, isDrive, newDisk, parseDrive, printDrive } from './drives';

const GIB = 1024 ** 3;
/** Files of pve-edk2-firmware: OVMF_VARS_4M.fd has 528 KiB, the old OVMF_VARS.fd 128 KiB. */
const EFI_BYTES = { '4m': 528 * 1024, '2m': 128 * 1024 } as const;
/** TPMSTATE_DISK_SIZE and CLOUDINIT_DISK_SIZE of qemu-server src/PVE/QemuServer. */
const SMALL_BYTES = 4 * 1024 ** 2;

export interface DiskOrder {
  readonly cluster: Cluster;
  readonly worker: Worker;
  readonly user: string;
  readonly node: string;
  readonly vmid: number;
  /** Drives to make, by key. */
  readonly settings: Readonly<Record<string, string>>;
  readonly defaultStorage?: string | undefined;
}

interface Source {
  readonly image: DiskImage | null;
  readonly sizeBytes: number;
}

/** The content of an image file, as `qemu-img info` would look at it. @throws Error with Proxmox' words */
export const readImage = (path: string, format: string, log: (line: string) => void): Source => {
  if (!existsSync(path)) throw failure(`failed to stat '${path}'`);
  if (format === 'raw') return { image: null, sizeBytes: statSync(path).size };
  try {
    if (format !== 'qcow2') throw new Error(`format '${format}' is not simulated`);
    const { image, virtualSizeBytes } = decodeDiskImage(readFileSync(path));
    return { image: image ?? null, sizeBytes: virtualSizeBytes };
  } catch (error) {
    log(`qemu-img: Could not open '${path}': ${messageOf(error)}`);
    throw failure('failed to query file information with qemu-img');
  }
};

const sourceOf = ({ cluster, node, worker }: DiskOrder, volid: string): Source => {
  const volume = tryParseVolumeId(volid);
  if (volume === undefined) return readImage(volid, volid.endsWith('.raw') ? 'raw' : 'qcow2', worker.log);
  const { content, format } = parseVolumeName(volume.name);
  if (content !== 'images') return readImage(cluster.storages.filePath(volid, node), format, worker.log);
  return readDisk(cluster.storages.volume(volid, node).path);
};

/** @throws Error where the storage has not that much left, or a fault says so */
export const claimSpace = (
  { cluster, worker }: Pick<DiskOrder, 'cluster' | 'worker'>,
  storage: StorageOptions,
  node: string,
  bytes: number,
): void => {
  if (worker.fault('storage-full') === undefined && cluster.storages.free(storage, node) >= bytes) return;
  worker.log('qemu-img: error while writing: No space left on device');
  throw failure("copy failed: command '/usr/bin/qemu-img convert' failed: exit code 1");
};

const allocate = async (
  order: DiskOrder,
  key: string,
  drive: Drive,
  storage: StorageOptions,
  gib: number,
): Promise<VolumeState> => {
  const { cluster, node, vmid, worker } = order;
  const format = drive['format'];
  const common = { storage, node, vmid, ...(format === undefined ? {} : { format }) };
  const importFrom = drive['import-from'];
  if (importFrom !== undefined) {
    const { image, sizeBytes } = sourceOf(order, importFrom);
    try {
      claimSpace(order, storage, node, sizeBytes);
    } catch (error) {
      throw failure(`cannot import from '${importFrom}' - ${messageOf(error)}`);
    }
    await worker.takes('disk-import');
    return cluster.storages.allocate({ ...common, image, sizeBytes, writtenBytes: sizeBytes });
  }
  const firmware =
    key === 'efidisk0' ? EFI_BYTES[drive['efitype'] === '4m' ? '4m' : '2m'] : key === 'tpmstate0' ? SMALL_BYTES : 0;
  claimSpace(order, storage, node, firmware);
  return cluster.storages.allocate({
    ...common,
    image: null,
    sizeBytes: firmware || Math.round(gib * GIB),
    writtenBytes: firmware,
  });
};

const cloudInit = ({ cluster, node, vmid }: DiskOrder, drive: Drive, storage: StorageOptions): VolumeState => {
  const format = drive['format'] ?? cluster.storages.defaultFormat(storage);
  const name = cluster.storages.fileBased(storage) ? `${vmid}/vm-${vmid}-cloudinit.${format}` : `vm-${vmid}-cloudinit`;
  return cluster.storages.allocate({
    storage,
    node,
    vmid,
    format,
    name,
    sizeBytes: SMALL_BYTES,
    writtenBytes: SMALL_BYTES,
    image: null,
  });
};

const makeDrive = async (order: DiskOrder, key: string, made: VolumeState[]): Promise<string> => {
  const { cluster, user, node, vmid, settings, defaultStorage } = order;
  const drive = parseDrive(cluster.schema, key, settings[key] ?? '');
  const file = drive['file'] ?? '';
  const fresh = newDisk(file);
  const rest: Drive = Object.fromEntries(
    Object.entries(drive).filter(([name]) => !['format', 'import-from', 'size'].includes(name)),
  );
  if (file === 'none' || file === 'cdrom') return printDrive(rest);
  const asked = fresh?.storage ?? tryParseVolumeId(file)?.storage ?? defaultStorage;
  if (isCloudInit(drive) && cluster.storages.findVolume(file, node) === undefined) {
    if (asked === undefined) throw failure('no storage ID specified (and no default storage)');
    const volume = cloudInit(order, drive, cluster.storages.get(asked));
    made.push(volume);
    return printDrive({ ...rest, file: cluster.storages.volidOf(volume), media: 'cdrom' });
  }
  if (fresh !== undefined) {
    if (asked === undefined) throw failure('no storage ID specified (and no default storage)');
    const volume = await allocate(order, key, drive, cluster.storages.get(asked), fresh.gib);
    made.push(volume);
    if (key === 'efidisk0' && drive['pre-enrolled-keys'] === '1' && cluster.major === 9) rest['ms-cert'] = '2023k';
    return printDrive({ ...rest, file: cluster.storages.volidOf(volume), size: String(volume.sizeBytes) });
  }
  checkVolumeAccess(cluster.access, user, vmid, file);
  const existing = parseVolumeName(tryParseVolumeId(file)?.name ?? '');
  const size =
    existing.content === 'images'
      ? cluster.storages.findVolume(file, node)?.sizeBytes
      : sourceOf(order, file).sizeBytes;
  if (size === undefined) throw failure(`volume ${file} does not exist`);
  return printDrive({ ...rest, size: String(size) });
};

/**
 * Makes the volumes of new drives, in the order of their keys; none is left where one fails.
 * qemu-server src/PVE/API2/Qemu.pm, create_disks.
 */
export const createDisks = async (order: DiskOrder): Promise<GuestConfig> => {
  const made: VolumeState[] = [];
  const config: GuestConfig = {};
  try {
    for (const key of Object.keys(order.settings).filter(isDrive).sort()) {
      const text = await makeDrive(order, key, made);
      config[key] = text;
      order.worker.log(`${key}: successfully created disk '${text}'`);
    }
    return config;
  } catch (error) {
    for (const volume of made) order.cluster.storages.remove(volume);
    throw error;
  }
};
