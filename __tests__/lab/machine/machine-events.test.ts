import { MachineEvents, type EventSelection } from '../../../lab/machine/machine-events';

const ALL: EventSelection = { tail: 0, afterId: '', tailSeconds: 0, actorId: '' };
/** A TaskEvent's name: field 1, then one byte of length; `action` follows as two bytes. */
const taskOf = (value: Buffer): string => value.subarray(2, 2 + (value[1] ?? 0)).toString();

const names = (events: MachineEvents, selection: Partial<EventSelection>): string[] => {
  const seen: string[] = [];
  events.watch({ ...ALL, ...selection }, ({ data }) => seen.push(taskOf(data.value)))();
  return seen;
};

describe('events of a machine', () => {
  let time = 0;
  let events: MachineEvents;
  beforeEach(() => {
    time = 1_000_000;
    events = new MachineEvents(() => time);
    for (const [task, actor] of [
      ['one', ''],
      ['two', 'me'],
      ['three', ''],
    ] as const) {
      events.publish('TaskEvent', { task, action: 'START' }, actor);
      time += 10_000;
    }
  });

  test.each<[Partial<EventSelection>, string[]]>([
    [{}, []],
    [{ tail: -1 }, ['one', 'two', 'three']],
    [{ tail: 2 }, ['two', 'three']],
    [{ tailSeconds: 15 }, ['three']],
    [{ tail: -1, actorId: 'me' }, ['two']],
  ])('%j gives %j of the past', (selection, expected) => {
    expect(names(events, selection)).toEqual(expected);
  });

  test('after an event comes what followed it, and what happens from then on', () => {
    const ids: string[] = [];
    events.watch({ ...ALL, tail: -1 }, ({ id }) => ids.push(id))();
    expect(ids).toEqual([...ids].sort());
    expect(ids.every((id) => /^[0-9a-v]{20}$/.test(id))).toBe(true);
    const seen: string[] = [];
    const stop = events.watch({ ...ALL, afterId: ids[1] ?? '' }, ({ data }) => seen.push(taskOf(data.value)));
    events.publish('TaskEvent', { task: 'four', action: 'START' });
    stop();
    events.publish('TaskEvent', { task: 'five', action: 'START' });
    expect(seen).toEqual(['three', 'four']);
  });

  test('a thousand are kept', () => {
    for (let count = 0; count < 1500; count += 1) events.publish('TaskEvent', { task: 'x', action: 'START' });
    expect(names(events, { tail: -1 })).toHaveLength(1000);
  });
});
