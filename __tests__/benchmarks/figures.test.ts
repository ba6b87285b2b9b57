import { figuresOf, spread, table, type Report } from '../../benchmarks/figures';

const report = (deploy: number, gib: number): Report => ({
  status: 0,
  checks: [],
  seconds: { deploy, synth: 1 },
  peakMemoryBytes: gib * 2 ** 30,
});

describe('figures of a benchmark', () => {
  test('least, median and greatest, of odd and even counts', () => {
    expect(spread([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5, max: 4 });
    expect(spread([7])).toEqual({ min: 7, median: 7, max: 7 });
    expect(() => spread([])).toThrow('no run gave a value');
  });

  test('a row for each step that was taken, in the order of the work', () => {
    expect(table(figuresOf([report(50, 1.5), report(40.04, 2)])).split('\n')).toEqual([
      '| figure | min | median | max |',
      '| --- | --- | --- | --- |',
      '| synth | 1.0 s | 1.0 s | 1.0 s |',
      '| deploy | 40.0 s | 45.0 s | 50.0 s |',
      '| peak memory | 1.50 GiB | 1.75 GiB | 2.00 GiB |',
    ]);
  });
});
