import { Progress, roughly } from '../../toolchain/progress';

const step = { title: 'build etcd', purpose: 'the store of each control plane', seconds: 35 };

const screenOf = (isTTY: boolean): { texts: string[]; isTTY: boolean; columns: number; write(text: string): void } => {
  const texts: string[] = [];
  return { texts, isTTY, columns: 60, write: (text) => void texts.push(text) };
};

/** A clock that is 12 s later at each look. */
const clock = (): (() => number) => {
  let now = 0;
  return () => (now += 12_000);
};

describe('progress', () => {
  test('elsewhere than on a terminal: one line at each end of a step', async () => {
    const screen = screenOf(false);
    const progress = new Progress(screen, 3, clock());
    await progress.step(step, () => Promise.resolve());
    await progress.step({ ...step, title: 'build kwok', seconds: 360 }, () => Promise.resolve());
    expect(screen.texts).toEqual([
      '[1/3] build etcd (about 35 s): the store of each control plane\n',
      '[1/3] build etcd: done in 12 s\n',
      '[2/3] build kwok (about 6 min): the store of each control plane\n',
      '[2/3] build kwok: done in 12 s\n',
    ]);
  });

  test('a step that fails says so and passes on what it threw', async () => {
    const screen = screenOf(false);
    const failing = new Progress(screen, 1, clock()).step(step, () => Promise.reject(new Error('no space left')));
    await expect(failing).rejects.toThrow('no space left');
    expect(screen.texts.at(-1)).toBe('[1/1] build etcd: FAILED after 12 s\n');
  });

  test('on a terminal the line is redrawn with the time so far, and fits the terminal', async () => {
    jest.useFakeTimers();
    const screen = screenOf(true);
    const running = new Progress(screen, 1, clock()).step(step, async () => {
      await jest.advanceTimersByTimeAsync(1000);
    });
    await running;
    jest.useRealTimers();
    expect(screen.texts).toEqual([
      '\r\x1b[2K[1/1] build etcd (about 35 s): the store of each control pl',
      '\r\x1b[2K[1/1] 12 s build etcd (about 35 s): the store of each contr',
      '\r\x1b[2K',
      '[1/1] build etcd: done in 24 s\n',
    ]);
  });

  test.each([
    [3, 'about 5 s'],
    [71, 'about 70 s'],
    [135, 'about 2 min'],
    [1062, 'about 18 min'],
  ])('%i s are %s', (seconds, text) => expect(roughly(seconds)).toBe(text));
});
