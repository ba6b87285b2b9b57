import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskImage } from './disk-image';

/**
 * `disk.json` in a disk's folder. The guest keeps what it writes beside it, one folder per partition:
 * `META`, `STATE` and `EPHEMERAL`, as Talos labels them.
 */
export interface DiskContent {
  readonly sizeBytes: number;
  /** Null: an empty disk. */
  readonly image: DiskImage | null;
}

/** Makes the folder, or rewrites its description; partitions that exist are left alone. */
export const writeDisk = (path: string, content: DiskContent): void => {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'disk.json.new'), JSON.stringify(content));
  renameSync(join(path, 'disk.json.new'), join(path, 'disk.json'));
};

/** @throws Error where the folder is no disk. */
export const readDisk = (path: string): DiskContent =>
  JSON.parse(readFileSync(join(path, 'disk.json'), 'utf8')) as DiskContent;

/** Path of a partition, made when missing. */
export const partition = (disk: string, label: 'META' | 'STATE' | 'EPHEMERAL'): string => {
  const path = join(disk, label);
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
  return path;
};
