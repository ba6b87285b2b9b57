import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** A process that can't be mistaken for a later one of the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of /proc/<pid>/stat. */
  readonly startTicks: string;
}

/** `run.json`: what a later command must know of a lab. Readable by its owner alone. */
export interface RunRecord {
  readonly format: 1;
  readonly stack: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly checkout: string;
  /** `starting` and `up` end with the process that started them, `kept` outlives it. */
  readonly state: 'starting' | 'up' | 'kept' | 'ended' | 'killed';
  /** The process that started the lab. */
  readonly starter: ProcessMark;
  /** First process inside, its pid as seen from outside. */
  readonly inside?: ProcessMark;
  /** True where the lab has a user namespace of its own. */
  readonly userNamespace: boolean;
  /** Environment of commands in the lab. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodes?: readonly {
    readonly name: string;
    readonly vmName: string;
    readonly vmid: number;
    readonly address: string;
  }[];
}

/** Runs whose folders are kept, the newest ones. */
const KEPT_RUNS = 5;
/** A log's size after a run that went well. */
const TRIMMED_BYTES = 64 * 1024;

/** @returns undefined where no such process runs */
export const markOf = (pid: number): ProcessMark | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    return startTicks === undefined || fields[0] === 'Z' ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
};

export const isAlive = (mark: ProcessMark | undefined): boolean =>
  mark !== undefined && markOf(mark.pid)?.startTicks === mark.startTicks;

/** True while a lab runs, whoever started it. */
export const isRunning = (record: RunRecord): boolean =>
  isAlive(record.inside) || (record.state === 'starting' && isAlive(record.starter));

export class RunFolder {
  readonly logs: string;

  constructor(readonly path: string) {
    this.logs = join(path, 'logs');
  }

  read(): RunRecord | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, 'run.json'), 'utf8')) as RunRecord;
    } catch {
      return undefined;
    }
  }

  write(record: RunRecord): void {
    const file = join(this.path, 'run.json');
    writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  update(change: Partial<RunRecord>): void {
    const record = this.read();
    if (record !== undefined) this.write({ ...record, ...change });
  }

  /** The process that took the folder needs it no more. */
  release(): void {
    rmSync(join(this.path, 'lock'), { force: true });
  }

  /** After a run that went well: the end of each log is enough. */
  trim(): void {
    for (const file of filesUnder(this.logs)) {
      const { size } = statSync(file);
      if (size <= TRIMMED_BYTES) continue;
      const end = readFileSync(file).subarray(size - TRIMMED_BYTES);
      truncateSync(file);
      writeFileSync(file, end);
    }
  }
}

const filesUnder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
      })
    : [];

/** Runs under `.lab`, the newest first. */
export const listRuns = (root: string): readonly RunFolder[] =>
  (existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'run.json')))
    .map((entry) => new RunFolder(join(root, entry.name)))
    .sort((a, b) => (a.path < b.path ? 1 : -1));

/**
 * What killed runs left, and runs that nobody will look at any more. Namespaces, mounts and processes died
 * with the runs themselves: only files under `.lab` can be left.
 * @returns folders that were removed
 */
export const cleanRuns = (root: string): readonly string[] => {
  const dead = listRuns(root).filter((run) => {
    if (statSync(run.path).uid !== process.getuid?.()) return false; // of another user, as after a run with sudo
    const record = run.read();
    return record === undefined || !isRunning(record);
  });
  for (const run of dead) {
    rmSync(join(run.path, 'lock'), { force: true });
    rmSync(join(run.path, 'run.json.new'), { force: true });
    if (run.read()?.state !== 'ended') run.update({ state: 'killed' });
  }
  return dead.slice(KEPT_RUNS - 1).map((run) => {
    rmSync(run.path, { recursive: true, force: true });
    return run.path;
  });
};

/** Name of a new run: sorts by time, and tells runs of one second apart. */
export const runName = (stack: string, now: Date, pid: number): string =>
  `${now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${stack}-${pid}`;

/**
 * Makes a run's folder and takes it for this process.
 * @throws Error where a lab already runs in that folder, or it can't be written
 */
export const takeRunFolder = (path: string): RunFolder => {
  const folder = new RunFolder(resolve(path));
  try {
    mkdirSync(folder.logs, { recursive: true });
  } catch (error) {
    throw new Error(
      `work folder ${folder.path} can't be made: ${(error as Error).message}; name one that you may write with --work`,
    );
  }
  const record = folder.read();
  if (record !== undefined && isRunning(record)) {
    const pid = (record.inside ?? record.starter).pid;
    throw new Error(
      `a lab already runs in ${folder.path} (process ${pid}): stop it with \`npx groundwork lab stop\`, or name another folder with --work`,
    );
  }
  const lock = join(folder.path, 'lock');
  const holder = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : NaN);
  if (!Number.isNaN(holder) && markOf(holder) === undefined) rmSync(lock, { force: true });
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeFileSync(file, String(process.pid));
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(
      `a lab is being started in ${folder.path} (process ${holder}): wait for it, or name another folder with --work`,
    );
  }
  return folder;
};
