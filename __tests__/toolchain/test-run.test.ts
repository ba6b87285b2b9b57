import { writeFileSync } from 'node:fs';
import { runTests, tallyJest } from '../../toolchain/test-run';

const report = { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };

/** Plays linters and Jest: exit statuses by a word of the command, and Jest's report. */
const playing =
  (statuses: Readonly<Record<string, number>>, ran: string[] = []) =>
  (parameters: readonly string[]): Promise<number> => {
    const words = parameters.join(' ');
    ran.push(words.replace(/--outputFile=\S+/, '--outputFile=FILE'));
    const file = /--outputFile=(\S+)/.exec(words)?.[1];
    if (file !== undefined && !words.includes('crashes')) writeFileSync(file, JSON.stringify(report));
    return Promise.resolve(Object.entries(statuses).find(([word]) => words.includes(word))?.[1] ?? 0);
  };

describe('npm test', () => {
  test('ends with one line that sums up linters, type check and both Jest runs', async () => {
    const lines: string[] = [];
    const ran: string[] = [];
    expect(await runTests('all', [], {}, playing({}, ran), (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual(['PASS eslint', 'PASS prettier', 'PASS type check', '13 passed, 0 failed']);
    expect(ran).toEqual([
      'node_modules/eslint/bin/eslint.js .',
      'node_modules/prettier/bin/prettier.cjs --check --cache --cache-strategy content --log-level warn .',
      'node_modules/typescript/bin/tsc --noEmit -p .',
      'node_modules/jest/bin/jest.js --selectProjects unit --json --outputFile=FILE',
      'node_modules/jest/bin/jest.js --selectProjects e2e --json --outputFile=FILE --runInBand',
    ]);
  });

  test('a linter that finds something fails the whole, and the rest is run all the same', async () => {
    const lines: string[] = [];
    expect(await runTests('all', [], {}, playing({ eslint: 1 }), (line) => lines.push(line))).toBe(1);
    expect(lines).toEqual(['FAIL eslint', 'PASS prettier', 'PASS type check', '12 passed, 1 failed']);
  });

  test('arguments go to Jest', async () => {
    const ran: string[] = [];
    await runTests('unit', ['-t', 'cache'], {}, playing({}, ran), () => undefined);
    expect(ran).toEqual([
      'node_modules/jest/bin/jest.js --selectProjects unit --json --outputFile=FILE --passWithNoTests -t cache',
    ]);
  });

  test('a Jest that crashed, and so left no report, is one failure', async () => {
    const lines: string[] = [];
    expect(await runTests('e2e', ['crashes'], {}, playing({}), (line) => lines.push(line))).toBe(1);
    expect(lines).toEqual(['0 passed, 1 failed']);
  });

  test.each([
    ['tests that failed', 1, { ...report, numFailedTests: 2 }, 2],
    ['files that could not be run', 1, { ...report, numRuntimeErrorTestSuites: 1 }, 1],
    ['a run that failed for another reason', 1, report, 1],
    ['nothing', 0, report, 0],
  ])('counts %s', (_, status, seen, failed) => {
    expect(tallyJest(status, seen)).toEqual({ passed: 5, failed });
  });
});
