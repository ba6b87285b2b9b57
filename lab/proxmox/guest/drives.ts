import { badParameters } from '../errors';
import type { ApiSchema, Format } from '../schema/schema';
import { parsePropertyString, printPropertyString, propertyOf } from '../schema/validate';
import { formatSize, parseSize } from '../storage/volume-id';

/** A drive's options; `file` is its volume. Sizes are in bytes. */
export type Drive = Record<string, string>;

/** `storage:GiB` asks for a new volume: qemu-server src/PVE/QemuServer/Drive.pm, $NEW_DISK_RE. */
const NEW_DISK = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/;

/** Drive names in the order in which Proxmox looks for a boot disk: valid_drive_names, ibid. */
const DRIVE = /^(?:(ide|scsi|virtio|sata)\d+|efidisk0|tpmstate0)$/;

export const isDrive = (key: string): boolean => DRIVE.test(key);

const ORDER = ['ide', 'scsi', 'virtio', 'sata'];

const rank = (key: string): number =>
  ORDER.indexOf(/^[a-z]+/.exec(key)?.[0] ?? '') * 100 + Number(/\d+$/.exec(key)?.[0] ?? 0);

/** Disks that can be booted, in Proxmox' order. */
export const bootable = (keys: readonly string[]): string[] =>
  keys.filter((key) => isDrive(key) && !/^(efidisk|tpmstate)/.test(key)).sort((a, b) => rank(a) - rank(b));

export interface NewDisk {
  readonly storage: string | undefined;
  readonly gib: number;
}

export const newDisk = (file: string | undefined): NewDisk | undefined => {
  const match = NEW_DISK.exec(file ?? '');
  return match === null ? undefined : { storage: match[1], gib: Number(match[2]) };
};

export const isCdrom = (drive: Drive): boolean => drive['media'] === 'cdrom';

export const isCloudInit = (drive: Drive): boolean =>
  /(^|[:/])(?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2))?$/.test(drive['file'] ?? '');

const formatOf = (schema: ApiSchema, key: string): Format => {
  const format = propertyOf(schema.methods['POST /nodes/{node}/qemu']?.parameters ?? {}, key)?.format;
  if (format === undefined || typeof format === 'string') throw new Error(`'${key}' is no drive`);
  return format;
};

/** @throws ApiError 400 where the options do not go together */
export const parseDrive = (schema: ApiSchema, key: string, text: string): Drive => {
  const drive = parsePropertyString(formatOf(schema, key), text);
  const unparsable = badParameters({ [key]: 'unable to parse drive options' });
  if (isCdrom(drive) && (drive['snapshot'] !== undefined || drive['format'] !== undefined || key.startsWith('virtio')))
    throw unparsable;
  if (drive['size'] !== undefined) drive['size'] = String(parseSize(drive['size']) ?? 0);
  return drive;
};

export const printDrive = (drive: Drive): string => {
  const { size, ...rest } = drive;
  return printPropertyString(size === undefined ? rest : { ...rest, size: formatSize(Number(size)) }, 'file');
};

/** What must hold for a drive before anything is made: $check_drive_param of src/PVE/API2/Qemu.pm. */
export const checkImport = (key: string, drive: Drive): void => {
  if (drive['import-from'] === undefined) return;
  if (newDisk(drive['file'])?.gib !== 0) {
    throw badParameters({ [key]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>" });
  }
  const required = key === 'efidisk0' ? ['efitype', 'pre-enrolled-keys'] : key === 'tpmstate0' ? ['version'] : [];
  for (const option of required) {
    if (drive[option] === undefined)
      throw badParameters({ [key]: `need to specify '${option}' when using 'import-from'` });
  }
};
