import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

/**
 * Hands over to the lab's own command line. In a process of its own, as the product knows nothing of the lab.
 * @returns its exit status, 128 + signal number where a signal ended it
 */
export const runLab = (parameters: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const cli = join(__dirname, '..', 'lab', 'cli.ts');
    const child = spawn(process.execPath, ['-r', require.resolve('tsx/cjs'), cli, ...parameters], { stdio: 'inherit' });
    const handOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    // Ctrl-C reaches the child by itself.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore).on('SIGTERM', handOn).on('SIGHUP', handOn);
    child.once('error', reject);
    child.once('close', (status, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', handOn).off('SIGHUP', handOn);
      resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
