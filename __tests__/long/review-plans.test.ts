import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infrastructure } from '../../clusters/infrastructure';
import { reviewPlan, type Review } from '../../operations/review/review-plan';
import { readPlan } from '../../operations/review/terraform-plan';
import { EXPECTED } from '../operations/review/expected';
import { CASES } from '../operations/review/recording/cases';
import { planText, type RawPlan } from '../operations/review/recording/trim';
import { expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 40 * 60_000;
const RECORD = join(__dirname, '..', 'operations', 'review', 'recording', 'record.ts');
const PLANS = join(__dirname, '..', 'operations', 'review', 'plans');

const said = (plan: unknown): string[] => {
  const { risk, findings }: Review = reviewPlan(readPlan(plan), { stack: 'infrastructure' });
  return [risk, ...findings.map((finding) => `${finding.risk} ${finding.code}: ${finding.message}`)];
};

describe('O-4 the recorded plans of the review', () => {
  let session: LabSession;
  /** Plans as Terraform made them, with the lab's keys: for this user alone, and gone at the end. */
  const recorded = mkdtempSync(join(tmpdir(), 'groundwork-plans-'));
  beforeAll(async () => {
    session = await LabSession.start(infrastructure);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(async () => {
    rmSync(recorded, { recursive: true });
    await session.stop();
  }, LIMIT_MS);

  test(
    'every recorded plan is still what Terraform plans (UPDATE_GOLDEN=1 records them anew)',
    async () => {
      const { status, stderr } = await session.run([process.execPath, '-r', 'tsx/cjs', RECORD, recorded]);
      expect({ status, failed: stderr.split('\n').filter((line) => line.startsWith('FAILED')) }).toEqual({
        status: 0,
        failed: [],
      });
      const files = readdirSync(recorded).sort();
      expect(files).toEqual(CASES.map(({ name }) => `${name}.json`).sort());
      const plans = files.map((file) => {
        const plan = JSON.parse(readFileSync(join(recorded, file), 'utf8')) as RawPlan;
        if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(PLANS, file), planText(plan));
        return [file.replace('.json', ''), plan] as const;
      });
      const found = plans.map(([name, plan]) => [name, said(plan)]).filter(([name]) => (name as string) in EXPECTED);
      expect(Object.fromEntries(found)).toEqual(EXPECTED);
    },
    LIMIT_MS,
  );
});
