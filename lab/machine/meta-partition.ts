import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** META key of the metal platform's network configuration. Source: pkg/machinery/meta/constants.go. */
export const NETWORK_CONFIG_KEY = 10;

/**
 * The META partition: values by key, one file each. An image brings its own on the first boot; what is written
 * later stays over reboots and upgrades.
 */
export class MetaPartition {
  private constructor(private readonly folder: string) {}

  /** Opens the partition of a disk, and fills it from the image where the disk was never booted. */
  static open(disk: string, ofImage: ReadonlyMap<number, string>): MetaPartition {
    const folder = join(disk, 'META');
    const meta = new MetaPartition(folder);
    if (existsSync(folder)) return meta;
    mkdirSync(folder, { mode: 0o700 });
    for (const [key, value] of ofImage) meta.write(key, Buffer.from(value));
    return meta;
  }

  private path(key: number): string {
    return join(this.folder, String(key));
  }
  read(key: number): string | undefined {
    return existsSync(this.path(key)) ? readFileSync(this.path(key), 'utf8') : undefined;
  }
  write(key: number, value: Buffer): void {
    writeFileSync(this.path(key), value, { mode: 0o600 });
  }
  /** False where there was no such key. */
  delete(key: number): boolean {
    if (!existsSync(this.path(key))) return false;
    rmSync(this.path(key));
    return true;
  }
}
