import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds the lock. A process id means something in its own PID namespace only, and can be given again. */
interface Holder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot: field 22 of /proc/<pid>/stat, see proc(5). */
  readonly started: string;
  /** The PID namespace, as `pid:[4026531836]`. */
  readonly namespace: string;
}

/** How often a holder shows that it lives, in milliseconds; one not heard of six times over is gone. */
const HEARTBEAT = 5_000;

const startOf = (pid: number): string | undefined => {
  try {
    return readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ')[19];
  } catch {
    return undefined;
  }
};

const self = (): Holder => ({
  pid: process.pid,
  started: startOf(process.pid) ?? '',
  namespace: readlinkSync('/proc/self/ns/pid'),
});

/** Whether a lock is there that nobody alive holds. */
const isStale = (file: string): boolean => {
  try {
    if (Date.now() - statSync(file).mtimeMs > 6 * HEARTBEAT) return true;
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return holder.namespace === self().namespace && startOf(holder.pid) !== holder.started;
  } catch {
    return false; // gone by now, or its holder has not written to it yet
  }
};

/**
 * Runs `work` while no other set-up does so over the same cache. Waits for one that is under way; one that was killed
 * is recognised by its process id and start time, or by its heartbeat where it runs in another container.
 * @param onWait called once, with the process id of the other, before waiting for it
 */
export const withLock = async <T>(file: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, JSON.stringify(self()), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(file)) {
      removeStale(file);
    } else if (!told) {
      onWait(holderOf(file));
      told = true;
    }
    await sleep(100);
  }
  const beat = (): void => {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  };
  const heartbeat = setInterval(beat, HEARTBEAT);
  heartbeat.unref();
  const release = (): void => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
};

/** One process at a time looks again and removes, so that nobody removes the fresh lock of a quicker one. */
const removeStale = (file: string): void => {
  const broom = `${file}.removal`;
  const since = statSync(broom, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  if (Date.now() - since > 6 * HEARTBEAT) rmSync(broom, { force: true });
  try {
    writeFileSync(broom, '', { flag: 'wx' });
  } catch {
    return;
  }
  if (isStale(file)) rmSync(file, { force: true });
  rmSync(broom, { force: true });
};

const holderOf = (file: string): number => {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Holder).pid;
  } catch {
    return 0;
  }
};
