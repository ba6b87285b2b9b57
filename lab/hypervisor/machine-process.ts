import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { namespaceOf } from './wiring';

/** How a machine process ended: its exit status, or 128 + signal number. */
export interface MachineExit {
  readonly status: number;
}

/** One boot of a machine: the first process of a PID namespace, and everything that it starts. */
export interface MachineProcess {
  /** Pid of the machine's first process as the lab sees it. */
  readonly pid: number;
  readonly exited: Promise<MachineExit>;
  /** Kills every process of the machine; resolves when all are gone. */
  kill(): Promise<void>;
  /** SIGTERM to the first process: ACPI's power button. */
  pressPowerButton(): void;
}

export interface MachineProcessOptions {
  readonly vmid: number;
  /** Program and arguments, run inside the VM's namespaces. */
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Standard output and error are appended here: the machine's serial console. */
  readonly console: string;
}

/** Starts a machine process; a test gives its own. */
export type StartMachine = (options: MachineProcessOptions) => Promise<MachineProcess>;

const POLL_MS = 5;
const START_MS = 10_000;

/**
 * Namespaces of one boot: the VM's network, and mounts and processes of its own. Mounts are a slave of the
 * lab's, or a copy in one VM of another's /run/netns mount would keep a network namespace alive.
 */
export const namespaceCommand = (vmid: number): readonly string[] => [
  ...['ip', 'netns', 'exec', namespaceOf(vmid)],
  ...['unshare', '--mount', '--propagation', 'slave', '--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** The one child that `unshare --fork` has, as soon as it is there. */
const childOf = async (parent: ChildProcess): Promise<number> => {
  const { pid } = parent;
  for (let waited = 0; parent.exitCode === null && parent.signalCode === null && waited < START_MS; waited += POLL_MS) {
    try {
      const [child] = readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/children`, 'utf8').split(' ');
      if (child !== undefined && child !== '') return Number(child);
    } catch {
      // gone already: the loop's condition sees it as soon as the event is here
    }
    await after(POLL_MS);
  }
  throw new Error('its first process did not start: see its console log');
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // it is gone, which is what was wanted
  }
};

export const startMachineProcess: StartMachine = async ({ vmid, program, environment, cwd, console }) => {
  const [command, ...args] = [...namespaceCommand(vmid), ...program];
  const log = openSync(console, 'a');
  const child = spawn(command ?? '', args, { cwd, env: environment, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<MachineExit>((resolve) => {
    child.on('error', () => {
      resolve({ status: 127 });
    });
    child.on('exit', (code, signal) => {
      resolve({ status: code ?? (signal === 'SIGKILL' ? 137 : 143) });
    });
  });
  const pid = await childOf(child);
  return {
    pid,
    exited,
    // The first process itself is killed and not `unshare`, which then waits for it: the kernel lets it go only
    // after every other process of its namespace, so that none is left when `exited` resolves.
    kill: async () => {
      send(pid, 'SIGKILL');
      await exited;
    },
    pressPowerButton: () => {
      send(pid, 'SIGTERM');
    },
  };
};
