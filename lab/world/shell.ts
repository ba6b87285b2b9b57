import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { searchPath } from './preconditions';
import { PLACES } from './places';
import { isAlive, type RunRecord } from './run-folder';

/** Changes to the folder in the lab's mounts (nsenter's own option looks in the mounts outside), then runs the rest. */
const IN_FOLDER = 'cd "$1" && shift && exec "$@"';

/** The first process of a VM is written down for as long as it is on. */
const IN_NODE = [
  'if [ ! -r "$2" ]; then echo "error: VM $1 is off" >&2; exit 1; fi',
  'pid=$(cat "$2"); shift 2',
  'exec nsenter --target "$pid" --mount --net --pid -- "$@"',
].join('; ');

/** Command line that enters a lab's namespaces from outside and runs a command in the checkout. */
export const labCommand = (
  inside: number,
  userNamespace: boolean,
  checkout: string,
  command: readonly string[],
): readonly string[] => [
  ...['nsenter', '--target', String(inside)],
  ...(userNamespace ? ['--user', '--preserve-credentials'] : []),
  ...['--mount', '--net', '--pid', '--', 'sh', '-c', IN_FOLDER, 'groundwork-lab', checkout],
  ...command,
];

/** Command line that, inside a lab, runs a command in the namespaces of a VM. */
export const nodeCommand = (vmid: number, command: readonly string[]): readonly string[] => [
  ...['sh', '-c', IN_NODE, 'groundwork-lab', String(vmid), join(PLACES.machines, String(vmid), 'pid')],
  ...command,
];

/** An interactive shell whose prompt says where one is. */
export const shellCommand = ['bash', '--rcfile', PLACES.shellStart, '-i'] as const;

/**
 * Runs a command in a lab, on this process's own terminal. Resolves to its exit status.
 * @throws Error where the lab is not up
 */
export const runInLab = (record: RunRecord, command: readonly string[]): Promise<number> => {
  const { inside, environment } = record;
  if (inside === undefined || environment === undefined || !isAlive(inside)) {
    throw new Error('the lab is not up yet: look again with `npx groundwork lab status`');
  }
  const [program, ...args] = labCommand(inside.pid, record.userNamespace, record.checkout, command);
  return new Promise((resolve, reject) => {
    const child = spawn(program ?? '', args, {
      stdio: 'inherit',
      env: {
        ...environment,
        PATH: searchPath(environment['PATH']),
        // What the terminal is like now, and not when the lab was started.
        ...(process.env['TERM'] === undefined ? {} : { TERM: process.env['TERM'] }),
      },
    });
    const ignore = (): void => undefined; // Ctrl-C is for the command in the lab
    process.on('SIGINT', ignore);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
};
