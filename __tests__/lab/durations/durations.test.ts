import { durationsOf, PROFILES } from '../../../lab/durations/durations';
import { manualClock } from '../../../lab/durations/clock';

describe('profiles of durations', () => {
  test('instant waits for nothing, typical for everything', () => {
    expect(Object.values(durationsOf('instant')).map(({ ms }) => ms)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(Object.values(durationsOf('typical')).every(({ ms }) => ms > 0)).toBe(true);
  });

  test('every figure of every profile has a source', () => {
    const sources = Object.values(PROFILES).flatMap((profile) => Object.values(profile).map(({ source }) => source));
    expect(
      sources.filter((source) => !/^(assumed: .+|a simulator does it at once|[\w-]+\/[\w-]+#\d+: .+)$/.test(source)),
    ).toEqual([]);
  });

  test('a profile that does not exist is refused with the ones that do', () => {
    expect(() => durationsOf('fast')).toThrow('profile "fast" is unknown: use instant or typical');
  });

  test('a manual clock moves by what is slept and advanced', async () => {
    const clock = manualClock(1000);
    await clock.sleep(5);
    clock.advance(10);
    expect([clock.now(), clock.slept]).toEqual([1015, [5]]);
  });
});
