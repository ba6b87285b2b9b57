import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes the files into which Terraform writes a local state, for their owner alone: Terraform keeps the mode of a file that
 * is there, makes others as the umask says, and takes an empty one for no state. The backup has the same secrets.
 */
export const protectStateFiles = (folder: string, stack: string): void => {
  mkdirSync(folder, { recursive: true });
  for (const name of [`${stack}.tfstate`, `${stack}.tfstate.backup`]) {
    const file = join(folder, name);
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  }
};

/**
 * Terraform takes the mark of its lock away when it ends; one that was killed leaves it. It is there, too, while one runs.
 */
export const wasInterrupted = (folder: string, stack: string): boolean =>
  existsSync(join(folder, `.${stack}.tfstate.lock.info`));
