import { readFileSync } from 'node:fs';
import { systemClock, type Clock } from '../durations/clock';

/** Name of the file, beside that of a machine's hardware, that says how far its clock is off. */
export const CLOCK_FILE = 'clock-ahead-ms';

const aheadOf = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // nobody has moved it
  }
};

/** This computer's clock, ahead by the milliseconds that the file says: a clock that its time server does not reach. */
export const machineClock = (file: string): Clock => ({ ...systemClock, now: () => Date.now() + aheadOf(file) });
