import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  KUBELET_RESTARTS,
  SERVICE_RESTARTS,
  SupervisedProcess,
  type ProcessSpec,
} from '../../../lab/control-plane/supervised-process';

describe('a supervised process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-process-'));
  const holdFile = join(folder, 'hold');
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => rmSync(holdFile, { force: true }));

  const spec = (script: string, change: Partial<ProcessSpec> = {}): ProcessSpec => ({
    name: 'test',
    command: 'sh',
    args: ['-c', script],
    env: { PATH: process.env['PATH'] ?? '' },
    logFile: join(folder, 'log', 'test.log'),
    restarts: { delayMs: () => 20, resetAfterMs: 0 },
    ...change,
  });
  const until = async (check: () => boolean): Promise<void> => {
    for (let waited = 0; !check(); waited += 10) {
      if (waited > 5000) throw new Error('it did not happen');
      await after(10);
    }
  };

  test('the kubelet restarts at once, then after 10 s, 20 s … 300 s; Talos after 5 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((n) => KUBELET_RESTARTS.delayMs(n) / 1000)).toEqual([
      0, 10, 20, 40, 80, 160, 300, 300,
    ]);
    expect([1, 2, 9].map((n) => SERVICE_RESTARTS.delayMs(n) / 1000)).toEqual([5, 5, 5]);
  });

  test('is started again when it ends, its output appended to one log', async () => {
    const states: string[] = [];
    const supervised = new SupervisedProcess(spec('echo run; exit 3'), ({ state }) => states.push(state));
    supervised.start();
    await until(() => supervised.restartCount >= 2);
    await supervised.stop(1000);
    expect(supervised.lastExit?.code).toBe(3);
    expect(states.slice(0, 3)).toEqual(['running', 'waiting', 'running']);
    expect(readFileSync(join(folder, 'log', 'test.log'), 'utf8')).toMatch(/^run\nrun\n/);
  });

  test('is not started while its hold file is there', async () => {
    const marker = join(folder, 'marker');
    writeFileSync(holdFile, '');
    const supervised = new SupervisedProcess(spec(`touch ${marker}; sleep 60`, { holdFile }));
    supervised.start();
    await after(100);
    expect([supervised.state, existsSync(marker)]).toEqual(['held', false]);
    rmSync(holdFile);
    await until(() => existsSync(marker));
    expect(supervised.state).toBe('running');
    await supervised.stop(1000);
  });

  test('is killed where it does not heed SIGTERM', async () => {
    const supervised = new SupervisedProcess(
      spec('trap "" TERM; echo on; while :; do sleep 0.05; done', { logFile: join(folder, 'stubborn') }),
    );
    supervised.start();
    await until(
      () => existsSync(join(folder, 'stubborn')) && readFileSync(join(folder, 'stubborn'), 'utf8') === 'on\n',
    );
    await supervised.stop(100);
    expect(supervised.lastExit?.signal).toBe('SIGKILL');
    expect(supervised.pid).toBeUndefined();
  });

  test('a program that is not there counts as an exit with 127', async () => {
    const supervised = new SupervisedProcess(spec('', { command: '/nonexistent' }));
    supervised.start();
    await until(() => supervised.lastExit !== undefined);
    await supervised.stop(100);
    expect(supervised.lastExit?.code).toBe(127);
  });
});
