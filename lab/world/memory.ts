import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { WORK_FOLDER } from './places';

const SAMPLE_MS = 2_000;

/** Anonymous and shared memory of one process in bytes: what no other process could be given instead. */
export const ownMemory = (status: string): number =>
  ['RssAnon', 'RssShmem'].reduce((sum, field) => {
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return sum + Number(kib ?? 0) * 1024;
  }, 0);

/** All processes of the lab (its own PID namespace) and the files that it keeps in memory, in bytes. */
export const memoryInUse = (): number => {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const memory = processes.reduce((sum, pid) => {
    try {
      return sum + ownMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return sum; // ended while we looked
    }
  }, 0);
  const files = statfsSync(WORK_FOLDER);
  return memory + (files.blocks - files.bfree) * files.bsize;
};

/** Looks every two seconds for as long as the lab lives; returns what reads the highest figure so far. */
export const watchMemory = (): (() => number) => {
  let peak = memoryInUse();
  const look = (): number => (peak = Math.max(peak, memoryInUse()));
  setInterval(look, SAMPLE_MS).unref();
  return look;
};
