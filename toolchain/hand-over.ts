import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs Node in a process of its own, with this one's terminal: a command line of another room, or the test runner.
 * @param parameters of node: how it loads TypeScript, the file, and what is passed on
 * @param env the whole environment of that process. Default: ours
 * @returns its exit status, 128 + signal number where a signal ended it
 */
export const handOver = (parameters: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { stdio: 'inherit', env });
    const handOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    // Ctrl-C reaches the child by itself; other signals are handed on
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore).on('SIGTERM', handOn).on('SIGHUP', handOn);
    child.once('error', reject);
    child.once('close', (status, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', handOn).off('SIGHUP', handOn);
      resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
