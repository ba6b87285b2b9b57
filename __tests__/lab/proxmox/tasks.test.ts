import { manualClock } from '../../../lab/durations/clock';
import { PROFILES } from '../../../lab/durations/durations';
import { emptyState } from '../../../lab/proxmox/state';
import { type TaskOrder, Tasks } from '../../../lab/proxmox/tasks';

const START = 1_700_000_000_000;

const tasksOf = (profile: keyof typeof PROFILES = 'instant') => {
  const state = emptyState();
  const clock = manualClock(START);
  const lines: string[] = [];
  const tasks = new Tasks(
    () => state,
    clock,
    PROFILES[profile],
    (line) => lines.push(line),
  );
  const order = (more: Partial<TaskOrder>): TaskOrder => ({
    node: 'pve1',
    type: 'qmstart',
    id: '100',
    user: 'root@pam!lab',
    work: () => undefined,
    ...more,
  });
  return { state, clock, lines, tasks, order };
};

describe('tasks', () => {
  test('a UPID tells host, process, start, type, id and user', () => {
    const { tasks, order } = tasksOf();
    expect(tasks.fork(order({}))).toBe('UPID:pve1:000003E9:00001B5F:6553F100:qmstart:100:root@pam!lab:');
  });

  test('what would end a field of the UPID is encoded', () => {
    const { tasks, order } = tasksOf();
    expect(tasks.fork(order({ type: 'download', id: 'a:b c' }))).toContain(':download:a%3Ab%20c:root@pam!lab:');
  });

  test('a task runs after its UPID was answered, and ends with OK', async () => {
    const { tasks, order, lines } = tasksOf();
    let done = false;
    const upid = tasks.fork(order({ work: () => void (done = true) }));
    expect([done, tasks.find('pve1', upid).exitstatus]).toEqual([false, undefined]);
    await tasks.idle();
    expect([done, tasks.find('pve1', upid).exitstatus, tasks.find('pve1', upid).log]).toEqual([
      true,
      'OK',
      ['TASK OK'],
    ]);
    expect(lines).toEqual(['qmstart 100 on pve1: OK']);
  });

  test('an error is the exit status, on one line', async () => {
    const { tasks, order } = tasksOf();
    const upid = tasks.fork(order({ work: () => Promise.reject(new Error('no\nspace')) }));
    await tasks.idle();
    expect(tasks.find('pve1', upid)).toMatchObject({ exitstatus: 'no space', log: ['TASK ERROR: no space'] });
  });

  test('warnings are counted', async () => {
    const { tasks, order } = tasksOf();
    const upid = tasks.fork(order({ work: ({ warn }) => warn('old format') }));
    await tasks.idle();
    expect(tasks.find('pve1', upid)).toMatchObject({
      exitstatus: 'WARNINGS: 1',
      log: ['WARN: old format', 'TASK WARNINGS: 1'],
    });
  });

  test('a step takes what the profile says', async () => {
    const { tasks, order, clock } = tasksOf('typical');
    tasks.fork(order({ takes: 'vm-start', work: ({ takes }) => takes('disk-import') }));
    await tasks.idle();
    expect(clock.slept).toEqual([3000, 8000]);
  });

  test('a hanging task ends when it is stopped', async () => {
    const { tasks, order } = tasksOf();
    const upid = tasks.fork(order({ fault: (name) => (name === 'task-hangs' ? { name } : undefined) }));
    await Promise.resolve();
    expect(tasks.find('pve1', upid).exitstatus).toBeUndefined();
    tasks.stop(upid);
    await tasks.idle();
    expect(tasks.find('pve1', upid).exitstatus).toBe('received interrupt');
  });

  test('a task is known to its host alone', () => {
    const { tasks, order } = tasksOf();
    const upid = tasks.fork(order({}));
    expect(() => tasks.find('pve2', upid)).toThrow('Parameter verification failed.');
    expect(() => tasks.find('pve1', 'UPID:x')).toThrow('Parameter verification failed.');
  });
});
