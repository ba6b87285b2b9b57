import { again } from '../../../operations/health/command';

/** As `npx` hands it on: to the program, and once more. */
const interrupt = (): void => {
  process.emit('SIGINT');
  process.emit('SIGINT');
};

describe('O-1 health --watch', () => {
  const told: number[] = [];
  const tell = (failures: number): 0 | 1 => {
    told.push(failures);
    return failures > 0 ? 1 : 0;
  };
  beforeEach(() => told.splice(0));

  test('ends with the status of the last look', async () => {
    const looks = [0, 2];
    const look = (): Promise<number> => Promise.resolve(looks.shift() ?? 0);
    const status = again(
      look,
      (failures) => {
        if (looks.length === 0) interrupt();
        return tell(failures);
      },
      1,
    );
    expect(await status).toBe(1);
    expect(told).toEqual([0, 2]);
  });

  test('a look that was interrupted is not told, whatever it has seen or has failed of', async () => {
    for (const end of [() => Promise.resolve(3), () => Promise.reject(new Error('terraform output: killed'))]) {
      const looks = [() => Promise.resolve(0), (): Promise<number> => (interrupt(), end())];
      expect(await again(() => (looks.shift() ?? end)(), tell, 1)).toBe(0);
    }
    expect(told).toEqual([0, 0]);
  });

  test('what fails without being interrupted is thrown, and nothing listens to signals after it', async () => {
    const before = process.listenerCount('SIGINT');
    await expect(again(() => Promise.reject(new Error('no state')), tell, 1)).rejects.toThrow('no state');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
