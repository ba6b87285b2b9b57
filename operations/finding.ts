/** SKIP is what could not be looked at, and why is known: it is never a PASS. */
export type Outcome = 'PASS' | 'FAIL' | 'SKIP';

/** What one check found at one thing. */
export interface Finding<Check extends string = string> {
  readonly check: Check;
  readonly outcome: Outcome;
  /** What is so; of a SKIP why it could not be looked at. */
  readonly fact: string;
  /** What to do about it; missing where nothing is to be done. */
  readonly fix?: string;
}

const COLOURS: Readonly<Record<Outcome, number>> = { PASS: 32, FAIL: 31, SKIP: 33 };

/** Lines as a person reads them, each fix below its finding. */
export const reportOf = (findings: readonly Finding[], checks: readonly string[], colours: boolean): string => {
  const width = Math.max(...checks.map(({ length }) => length));
  return findings
    .map(({ check, outcome, fact, fix }) => {
      const shown = colours ? `\u001b[${COLOURS[outcome]}m${outcome}\u001b[0m` : outcome;
      const line = `${shown}  ${check.padEnd(width)}  ${fact}\n`;
      return fix === undefined ? line : `${line}${' '.repeat(width + 8)}fix: ${fix}\n`;
    })
    .join('');
};

/** As `17 passed, 1 failed, 2 could not be looked at`. */
export const tally = (findings: readonly Finding[]): string => {
  const count = (wanted: Outcome): number => findings.filter(({ outcome }) => outcome === wanted).length;
  return `${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} could not be looked at`;
};
