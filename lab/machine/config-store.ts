import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { partition } from '../hardware/disk';

/** What a machine keeps on its STATE partition: the config that it boots with, and who it is. */
export class ConfigStore {
  constructor(private readonly disk: string) {}

  private get configPath(): string {
    return join(this.disk, 'STATE', 'config.yaml');
  }

  /** The stored machine config; undefined on a machine that was never configured, or was reset. */
  read(): string | undefined {
    return existsSync(this.configPath) ? readFileSync(this.configPath, 'utf8') : undefined;
  }
  /** 0600: the text holds the cluster's keys. */
  write(config: string): void {
    partition(this.disk, 'STATE');
    writeFileSync(`${this.configPath}.new`, config, { mode: 0o600 });
    renameSync(`${this.configPath}.new`, this.configPath);
  }
  /** Identity of the node among its cluster, made once. Talos keeps it in STATE/node-identity.yaml. */
  nodeId(): string {
    const path = join(partition(this.disk, 'STATE'), 'node-identity.yaml');
    if (!existsSync(path)) writeFileSync(path, `nodeId: ${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    return readFileSync(path, 'utf8')
      .replace(/^nodeId: /, '')
      .trim();
  }
}

export type Partition = 'META' | 'STATE' | 'EPHEMERAL';

/** Empties partitions of a disk; what is not there is no error. */
export const wipePartitions = (disk: string, labels: readonly Partition[]): void => {
  for (const label of labels) rmSync(join(disk, label), { recursive: true, force: true });
};
