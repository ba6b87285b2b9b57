/** SKIP is what could not be looked at: it is never a PASS. */
export type Outcome = 'PASS' | 'FAIL' | 'SKIP';

/** What one check found at one thing. */
export interface Finding {
  readonly check: Check;
  readonly outcome: Outcome;
  /** What is so; of a SKIP why it could not be looked at. */
  readonly fact: string;
  /** What to do about it; missing where nothing is to be done. */
  readonly fix?: string;
}

/** Every check, in the order of the report. */
export const CHECKS = [
  'api',
  'version',
  'hosts',
  'image-storage',
  'disk-storage',
  'bridge',
  'vm-ids',
  'privileges',
  'memory',
  'clock',
] as const;
export type Check = (typeof CHECKS)[number];

export const pass = (check: Check, fact: string): Finding => ({ check, outcome: 'PASS', fact });
export const fail = (check: Check, fact: string, fix: string): Finding => ({ check, outcome: 'FAIL', fact, fix });
export const skip = (check: Check, fact: string, fix?: string): Finding => ({
  check,
  outcome: 'SKIP',
  fact,
  ...(fix === undefined ? {} : { fix }),
});

const COLOURS: Readonly<Record<Outcome, number>> = { PASS: 32, FAIL: 31, SKIP: 33 };

/** Lines as a person reads them, each fix below its finding. */
export const report = (findings: readonly Finding[], colours: boolean): string => {
  const width = Math.max(...CHECKS.map(({ length }) => length));
  return findings
    .map(({ check, outcome, fact, fix }) => {
      const shown = colours ? `\u001b[${COLOURS[outcome]}m${outcome}\u001b[0m` : outcome;
      const line = `${shown}  ${check.padEnd(width)}  ${fact}\n`;
      return fix === undefined ? line : `${line}${' '.repeat(width + 8)}fix: ${fix}\n`;
    })
    .join('');
};
