import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatIssues } from '../../../modules/model/issue';
import { ISSUE_CODES } from '../../../modules/model/issue-codes';
import { loadCluster } from '../../../modules/model/load-cluster';
import { validSpec } from '../../fixtures/valid-spec';

interface InvalidSpec {
  readonly spec: unknown;
  /** What was chosen before, where that matters. */
  readonly record?: Readonly<Record<string, string>>;
  /** What a person sees, between two line breaks. */
  readonly printed: string;
}

const FOLDER = join(__dirname, '../../fixtures/invalid');
const fixtures = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));

describe('T-3 issues', () => {
  test('the spec that fixtures change has none', () => {
    expect(loadCluster(validSpec()).issues).toEqual([]);
  });

  test('each code has a fixture of its name, and each fixture a code', () => {
    expect([...ISSUE_CODES].sort()).toEqual(fixtures.sort());
  });

  test.each(fixtures)('%s is raised alone by its fixture, with its full text', async (code) => {
    const { spec, record, printed } = (await import(join(FOLDER, code))) as InvalidSpec;
    const { plan, issues } = loadCluster(spec, record);
    expect(issues.map((issue) => issue.code)).toEqual([code]);
    expect(`\n${formatIssues(issues)}\n`).toBe(printed);
    expect(plan === undefined).toBe(issues[0]?.severity === 'error');
  });
});
