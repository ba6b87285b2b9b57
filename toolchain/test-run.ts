import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TestSelection = 'all' | 'unit' | 'e2e' | 'long';

/** Runs Node with these arguments on our own terminal; gives its exit status. */
export type RunInherited = (parameters: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** The part of Jest's `--json` report that counts. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not be run: none of their tests is counted. */
  readonly numRuntimeErrorTestSuites: number;
}

/** Checks that count as one test each. */
const CHECKS = {
  eslint: ['node_modules/eslint/bin/eslint.js', '.'],
  prettier: [
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    '--cache',
    '--cache-strategy',
    'content',
    '--log-level',
    'warn',
    '.',
  ],
  'type check': ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'],
} as const;

/** What one Jest run adds. A run that failed in no test, as when a threshold is missed, failed all the same. */
export const tallyJest = (status: number, report: JestReport | undefined): Tally => {
  if (report === undefined) return { passed: 0, failed: 1 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return { passed: report.numPassedTests, failed: status !== 0 && failed === 0 ? 1 : failed };
};

/**
 * Runs tests one kind after the other, all of them whatever fails, and ends with one line `N passed, M failed`.
 * @param parameters for Jest, as a pattern; without linters and type check then
 * @returns exit status: 0 where something passed and nothing failed
 */
export const runTests = async (
  selection: TestSelection,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
  run: RunInherited,
  say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Promise<number> => {
  const tallies: Tally[] = [];
  if (selection === 'all' && parameters.length === 0) {
    for (const [title, command] of Object.entries(CHECKS)) {
      const passed = (await run(command, env)) === 0;
      say(`${passed ? 'PASS' : 'FAIL'} ${title}`);
      tallies.push({ passed: Number(passed), failed: Number(!passed) });
    }
  }
  const projects = selection === 'all' ? ['unit', 'e2e'] : [selection];
  for (const project of projects) tallies.push(await runJest(project, parameters, env, run));
  const passed = tallies.reduce((total, tally) => total + tally.passed, 0);
  const failed = tallies.reduce((total, tally) => total + tally.failed, 0);
  say(`${passed} passed, ${failed} failed`);
  return passed > 0 && failed === 0 ? 0 : 1;
};

const runJest = async (
  project: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
  run: RunInherited,
): Promise<Tally> => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-test-'));
  const file = join(folder, 'report.json');
  const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', project, '--json', `--outputFile=${file}`];
  try {
    // One lab at a time.
    const order = project === 'unit' ? [] : ['--runInBand'];
    const lenient = parameters.length > 0 ? ['--passWithNoTests'] : [];
    const status = await run([...jest, ...order, ...lenient, ...parameters], env);
    return tallyJest(status, readReport(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const readReport = (file: string): JestReport | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
};
