import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { reviewPlan, type Review } from '../../operations/review/review-plan';
import { readPlan } from '../../operations/review/terraform-plan';
import { EXPECTED } from '../operations/review/expected';
import { CASES } from '../operations/review/recording/cases';
import { planText, type RawPlan } from '../operations/review/recording/trim';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 40 * 60_000;
const RECORD = join(__dirname, '..', 'operations', 'review', 'recording', 'record.ts');
const PLANS = join(__dirname, '..', 'operations', 'review', 'plans');

const { controlplane, worker } = infrastructure.nodePools;
const workers = (count: number): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    ...(controlplane !== undefined && { controlplane }),
    ...(worker !== undefined && { worker: { ...worker, count } }),
  },
});

const said = (plan: unknown): string[] => {
  const { risk, findings }: Review = reviewPlan(readPlan(plan), { stack: 'infrastructure' });
  return [risk, ...findings.map((finding) => `${finding.risk} ${finding.code}: ${finding.message}`)];
};

describe('O-4 review on a cluster that runs', () => {
  let session: LabSession;
  /** Plans as Terraform made them, with the lab's keys: for this user alone, and gone at the end. */
  const recorded = mkdtempSync(join(tmpdir(), 'groundwork-plans-'));
  beforeAll(async () => {
    session = await LabSession.start(infrastructure);
    const { status, stdout, stderr } = await session.deploy();
    expect(status === 0 ? '' : `${stdout}${stderr}`.slice(-4000)).toBe('');
  }, LIMIT_MS);
  afterAll(async () => {
    rmSync(recorded, { recursive: true });
    await session.stop();
  }, LIMIT_MS);

  const review = async (...flags: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
    const { status, stdout, stderr } = await session.groundwork('review', 'infrastructure', ...flags);
    return { status, stdout, stderr };
  };

  test(
    'makes the plan itself: nothing to do',
    async () => {
      expect(await review()).toEqual({
        status: 0,
        stdout: 'infrastructure: no changes\n',
        stderr: 'synthesizing\nterraform init\nterraform plan\n',
      });
    },
    LIMIT_MS,
  );

  test(
    'says what a change of the spec does, and ends by --fail-on',
    async () => {
      session.writeSpec(workers(1));
      const text = [
        'infrastructure: high (1 high; 6 resources change)',
        '',
        'high  worker-removed: worker1 is destroyed',
        '      fix: kubectl drain worker1',
        '',
      ].join('\n');
      expect(await review()).toMatchObject({ status: 0, stdout: text });
      expect(await review('--fail-on', 'high')).toMatchObject({ status: 1, stdout: text });
      const json = JSON.parse((await review('--json', '--fail-on', 'never')).stdout) as Record<string, unknown>;
      expect(json).toMatchObject({ format: 1, stack: 'infrastructure', risk: 'high' });
      expect((await review('--markdown')).stdout).toContain('### Plan of infrastructure: **high**');
      session.writeSpec(infrastructure);
    },
    LIMIT_MS,
  );

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
