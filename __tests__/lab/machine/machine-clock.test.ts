import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineClock } from '../../../lab/machine/machine-clock';

test('a machine has the time of this computer, and is as far ahead as its file says', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'groundwork-clock-')), 'clock-ahead-ms');
  const clock = machineClock(file);
  const ahead = (): number => (clock.now() - Date.now()) / 1000;
  expect(ahead()).toBeCloseTo(0, 0);
  writeFileSync(file, '-3600000\n');
  expect(ahead()).toBeCloseTo(-3600, 0);
});
