import { spawnSync } from 'node:child_process';
import { existsSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../toolchain/set-up-lock';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();
const lock = (): string => join(folder(), 'cache', 'set-up.lock');
const nobody = (): void => {
  throw new Error('waited');
};

describe('lock of the set-up', () => {
  test('two set-ups at once run one after the other, and the second says for whom it waits', async () => {
    const events: string[] = [];
    const first = withLock(lock(), nobody, async () => {
      events.push('first starts');
      await new Promise((resolve) => setTimeout(resolve, 150));
      events.push('first ends');
    });
    const second = withLock(
      lock(),
      (pid) => events.push(`second waits for ${pid === process.pid ? 'us' : String(pid)}`),
      () => Promise.resolve(events.push('second starts')),
    );
    await Promise.all([first, second]);
    expect(events).toEqual(['first starts', 'second waits for us', 'first ends', 'second starts']);
    expect(existsSync(lock())).toBe(false);
  });

  test('the lock is given back when the work fails', async () => {
    await expect(withLock(lock(), nobody, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(lock())).toBe(false);
  });

  test('the lock of a process that has died is taken over', async () => {
    await withLock(lock(), nobody, () => Promise.resolve());
    const { pid } = spawnSync('true');
    writeFileSync(lock(), JSON.stringify({ pid, started: '1', namespace: readlinkSync('/proc/self/ns/pid') }));
    expect(await withLock(lock(), nobody, () => Promise.resolve('done'))).toBe('done');
  });

  test('the lock of another container is taken over when it has shown no life for 30 s', async () => {
    await withLock(lock(), nobody, () => Promise.resolve());
    writeFileSync(lock(), JSON.stringify({ pid: 1, started: '1', namespace: 'pid:[1]' }));
    const longAgo = Date.now() / 1000 - 31;
    utimesSync(lock(), longAgo, longAgo);
    expect(await withLock(lock(), nobody, () => Promise.resolve('done'))).toBe('done');
  });

  test('a fresh lock of another container is respected', async () => {
    await withLock(lock(), nobody, () => Promise.resolve());
    writeFileSync(lock(), JSON.stringify({ pid: 1, started: '1', namespace: 'pid:[1]' }));
    await expect(withLock(lock(), nobody, () => Promise.resolve())).rejects.toThrow('waited');
  });
});
