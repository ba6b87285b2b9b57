import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cleanRuns,
  isAlive,
  isRunning,
  listRuns,
  markOf,
  RunFolder,
  runName,
  takeRunFolder,
  type ProcessMark,
  type RunRecord,
} from '../../../lab/world/run-folder';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'groundwork-runs-'))));
afterEach(() => {
  rmSync(root, { recursive: true });
});

const living = (): ProcessMark => {
  const mark = markOf(process.pid);
  if (mark === undefined) throw new Error('this process is not in /proc');
  return mark;
};
/** A pid that runs, of a process that started before it. */
const reused: ProcessMark = { pid: process.pid, startTicks: '1' };

const record = (change: Partial<RunRecord>): RunRecord => ({
  format: 1,
  stack: 'infrastructure',
  startedAt: '2026-11-21T10:00:00.000Z',
  checkout: '/checkout',
  state: 'up',
  starter: reused,
  userNamespace: false,
  ...change,
});

const made = (name: string, change: Partial<RunRecord>): RunFolder => {
  const folder = new RunFolder(join(root, name));
  mkdirSync(folder.logs, { recursive: true });
  folder.write(record(change));
  return folder;
};

describe('marks of processes', () => {
  test('a later process of the same number is not the one that was meant', () => {
    expect(isAlive(living())).toBe(true);
    expect(isAlive(reused)).toBe(false);
    expect(isAlive(undefined)).toBe(false);
    expect(markOf(2 ** 30)).toBeUndefined();
  });

  test.each([
    ['its first process lives', { inside: living() }, true],
    ['its first process is gone', { inside: reused }, false],
    ['it is being started', { state: 'starting', starter: living() } as const, true],
    ['its starter died before it was up', { state: 'starting' } as const, false],
  ])('a run where %s: %s', (_, change, expected) => {
    expect(isRunning(record(change))).toBe(expected);
  });
});

describe('folders of runs', () => {
  test('names sort by time', () => {
    expect(runName('infrastructure', new Date('2026-11-21T10:05:09.123Z'), 77)).toBe(
      '20261121-100509-infrastructure-77',
    );
  });

  test('a taken folder is for its owner alone, and is free again after release', () => {
    const folder = takeRunFolder(join(root, 'a'));
    folder.write(record({}));
    expect(statSync(join(folder.path, 'run.json')).mode & 0o777).toBe(0o600);
    expect(() => takeRunFolder(folder.path)).toThrow(
      `a lab is being started in ${folder.path} (process ${process.pid}): wait for it, or name another folder with --work`,
    );
    folder.release();
    takeRunFolder(folder.path).release();
  });

  test('a folder in which a lab runs is refused', () => {
    const { path } = made('a', { inside: living() });
    expect(() => takeRunFolder(path)).toThrow(
      `a lab already runs in ${path} (process ${process.pid}): stop it with \`npx groundwork lab stop\`, or name another folder with --work`,
    );
  });

  test('the lock of a process that is gone is no lock', () => {
    const { path } = made('a', {});
    writeFileSync(join(path, 'lock'), String(2 ** 30));
    takeRunFolder(path).release();
    expect(existsSync(join(path, 'lock'))).toBe(false);
  });

  test('a folder that cannot be made is said with what to do', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => takeRunFolder(join(root, 'file', 'a'))).toThrow(
      /^work folder .*file\/a can't be made: ENOTDIR.*--work$/,
    );
  });

  test('what a killed run left is cleaned, and only the newest stay beside the next one', () => {
    const living1 = made('0-kept', { state: 'kept', inside: living() });
    for (const name of ['1', '2', '3', '4', '5']) made(name, { state: 'ended' });
    const killed = made('6-killed', { state: 'up', inside: reused });
    writeFileSync(join(killed.path, 'lock'), '1');
    expect(cleanRuns(root)).toEqual([join(root, '2'), join(root, '1')]);
    expect(readdirSync(root)).toEqual(['0-kept', '3', '4', '5', '6-killed']);
    expect(readdirSync(killed.path)).toEqual(['logs', 'run.json']);
    expect(killed.read()?.state).toBe('killed');
    expect(living1.read()?.state).toBe('kept');
    expect(listRuns(root).map(({ path }) => path)).toEqual(
      ['6-killed', '5', '4', '3', '0-kept'].map((name) => join(root, name)),
    );
  });

  test('trimming keeps the end of each log', () => {
    const folder = made('a', {});
    mkdirSync(join(folder.logs, 'vm-1500'));
    writeFileSync(join(folder.logs, 'vm-1500', 'etcd.log'), `${'x'.repeat(100_000)}end`);
    writeFileSync(join(folder.logs, 'short.log'), 'short');
    folder.trim();
    const long = readFileSync(join(folder.logs, 'vm-1500', 'etcd.log'), 'utf8');
    expect(long).toHaveLength(65_536);
    expect(long.endsWith('xend')).toBe(true);
    expect(readFileSync(join(folder.logs, 'short.log'), 'utf8')).toBe('short');
  });
});
