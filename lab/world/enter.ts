import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { inherited } from './environment';
import { searchPath, unshareArguments } from './preconditions';
import { isAlive, markOf, type ProcessMark, type RunFolder } from './run-folder';
import type { InsideMessage, InsideTask, StopMessage } from './task';

/** Time that the inside has to stop in order, in milliseconds. */
const STOP_MS = 15_000;
const POLL_MS = 20;
const DRAIN_MS = 100;
const ORPHAN_POLL_MS = 500;

/** Signals that stop a lab, with the exit status of a process that ends by them. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface EnterOptions {
  readonly task: InsideTask;
  readonly folder: RunFolder;
  readonly output: Writable;
  readonly errors: Writable;
}

/**
 * The command line of a world: own user (unless root), mount, network and PID namespaces. The kernel kills
 * its first process, and so every process in it, as soon as the one that runs this command line is gone.
 */
export const worldCommand = (uid: number, outlivesStarter: boolean, program: readonly string[]): readonly string[] => [
  // Without it, a lab that is to be kept watches its channel to the starter instead, until it is up.
  ...(outlivesStarter ? [] : ['setpriv', '--pdeathsig', 'KILL']),
  'unshare',
  ...unshareArguments(uid),
  ...program,
];

/** The only child of a process, once it has one. */
const childOf = async (pid: number): Promise<ProcessMark | undefined> => {
  for (let waited = 0; waited < 5_000; waited += POLL_MS) {
    try {
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
      if (child !== undefined && child !== '') return markOf(Number(child));
    } catch {
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
};

const spawnWorld = ({ task }: EnterOptions): ChildProcess => {
  const inside = join(task.checkout, 'lab', 'world', 'inside.ts');
  // `node -r tsx/cjs` finds tsx from the working folder, which is the checkout.
  // DEP0123: grpc-js names an address as TLS server name, which is how the Talos API is reached.
  const program = [process.execPath, '--disable-warning=DEP0123', '-r', 'tsx/cjs', inside, JSON.stringify(task)];
  const [command, ...args] = worldCommand(process.getuid?.() ?? -1, task.keep, program);
  return spawn(command ?? '', args, {
    cwd: task.checkout,
    // Own session: Ctrl-C reaches the outer process alone, which then asks for an orderly stop.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...inherited(process.env),
      PATH: searchPath(process.env['PATH']),
      GROUNDWORK_RUN: task.run,
      ...(process.env['HOME'] === undefined ? {} : { HOME: process.env['HOME'] }),
      ...(process.env['TMPDIR'] === undefined ? {} : { TMPDIR: process.env['TMPDIR'] }),
    },
  });
};

/**
 * Builds a world, runs the task in it and waits for its end, or for the moment where a kept lab can be left
 * alone. Resolves to the exit status.
 */
export const enterWorld = async (options: EnterOptions): Promise<number> => {
  const { folder, task } = options;
  const world = spawnWorld(options);
  world.stdout?.pipe(options.output, { end: false });
  world.stderr?.pipe(options.errors, { end: false });
  const stopping = stopOnSignals(world);
  const marked = childOf(world.pid ?? -1).then((inside) => {
    if (inside !== undefined) folder.update({ inside });
  });
  try {
    const status = await new Promise<number>((resolve, reject) => {
      world.on('error', (error) => {
        reject(new Error(`the lab's namespaces can't be made: ${error.message}`));
      });
      world.on('message', (message: InsideMessage) => {
        if (message.kind === 'up') {
          folder.update({ state: 'up', environment: message.environment, nodes: message.nodes });
          return;
        }
        folder.update({ state: 'kept' });
        resolve(message.status);
      });
      // `close`, not `exit`: what the inside wrote last is still on its way.
      world.on('close', (code) => {
        folder.update({ state: 'ended' });
        resolve(code ?? 137);
      });
    });
    await marked;
    // What a lab that is kept wrote before it said so is in the pipes: a few turns of the event loop read it.
    if (world.connected) await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    if (folder.read()?.state === 'ended' && status === 0 && task.kind === 'rehearse') folder.trim();
    return stopping.status() ?? status;
  } finally {
    stopping.dispose();
    folder.release();
    if (world.connected) world.disconnect();
    world.stdout?.destroy();
    world.stderr?.destroy();
    world.unref();
  }
};

/** First signal, or a parent that is gone: an orderly stop. Second one, or no end in time: the world is killed. */
const stopOnSignals = (world: ChildProcess): { status(): number | undefined; dispose(): void } => {
  let status: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (number: number): void => {
    if (status !== undefined || !world.connected) {
      world.kill('SIGKILL');
      return;
    }
    status = number;
    world.send({ kind: 'stop' } satisfies StopMessage);
    timer = setTimeout(() => world.kill('SIGKILL'), STOP_MS);
  };
  const listeners = Object.entries(SIGNALS).map(([signal, number]) => {
    const listener = (): void => {
      stop(number);
    };
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  // `npm start` is a chain of processes: where one of them is killed, nobody tells this one.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop(SIGNALS.SIGHUP);
  }, ORPHAN_POLL_MS);
  return {
    status: () => status,
    dispose: () => {
      clearTimeout(timer);
      clearInterval(watch);
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
};

/** Stops a lab from outside. Resolves once its first process, and so all of them, is gone. */
export const stopWorld = async (inside: ProcessMark): Promise<void> => {
  if (!isAlive(inside)) return;
  process.kill(inside.pid, 'SIGTERM');
  for (let waited = 0; isAlive(inside); waited += POLL_MS) {
    if (waited >= STOP_MS) process.kill(inside.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
