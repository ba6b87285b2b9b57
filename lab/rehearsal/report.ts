import type { Difference } from '../control-plane/differences';
import type { CheckResult } from './check-result';
import type { PhaseState } from './phases';
import type { Screen } from './screen';

/** A rehearsal as a program reads it (`--json`). */
export interface RehearsalReport {
  /** Raised when a field changes its meaning or goes. */
  readonly version: 1;
  readonly stack: string;
  readonly profile: string;
  /** Exit status. */
  readonly status: number;
  readonly checks: readonly CheckResult[];
  readonly phases: readonly PhaseState[];
  /** Wall time of each step in seconds, by name: `synth`, `world` (the lab itself, with its synth), `deploy`, `nodesReady`, `secondPlan`, `diff`, `destroy`. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number;
  readonly logFolder: string;
  /** In what this was not production. */
  readonly differences: readonly Difference[];
}

const COLOUR = { PASS: 'green', FAIL: 'red', SKIP: 'yellow' } as const;

const tally = (results: readonly CheckResult[]): string => {
  const count = (status: CheckResult['status']): number => results.filter((result) => result.status === status).length;
  return `${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} skipped`;
};

/** The table for people. */
export const table = (
  { checks, phases, seconds, peakMemoryBytes, differences }: RehearsalReport,
  screen: Screen,
): string => {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const rows = checks.flatMap(({ check, status, fact, fix }) => [
    `${screen.paint(COLOUR[status], status)}  ${check.padEnd(width)}  ${fact}`,
    ...(fix === undefined ? [] : [`      next: ${fix}`]),
  ]);
  const times = phases
    .filter(({ endedAt }) => endedAt !== undefined)
    .map(({ name, startedAt = 0, endedAt = 0 }) => `${name} ${(endedAt - startedAt).toFixed(1)}`);
  const steps = Object.entries(seconds).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  return [
    '',
    ...rows,
    '',
    `phases (s)   ${times.join(', ')}`,
    `steps (s)    ${steps.join(', ')}`,
    `peak memory  ${(peakMemoryBytes / 2 ** 30).toFixed(2)} GiB`,
    `lab          differs from production in ${differences.length} ways (npx groundwork lab differences)`,
    tally(checks),
  ].join('\n');
};
