import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;
const { controlplane, worker } = infrastructure.nodePools;
const workers = (count: number): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    ...(controlplane !== undefined && { controlplane }),
    ...(worker !== undefined && { worker: { ...worker, count } }),
  },
});

describe('O-4 review on a cluster that runs', () => {
  let session: LabSession;
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-review-'));
  beforeAll(async () => {
    session = await LabSession.start(infrastructure);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
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
        '      fix: npx groundwork node remove worker1',
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
    'T-23 .ci/review plans, writes the Markdown, and ends by FAIL_ON',
    async () => {
      session.writeSpec(workers(1));
      const file = join(folder, 'review.md');
      const ci = (failOn: string): ReturnType<LabSession['run']> =>
        session.run(['env', `FAIL_ON=${failOn}`, '.ci/review', 'infrastructure', file]);
      const { status, stdout } = await ci('high');
      expect(status).toBe(1);
      expect(stdout).toContain('proxmox_virtual_environment_vm.worker1_vm');
      const markdown = readFileSync(file, 'utf8');
      expect(markdown).toContain('<!-- groundwork-review infrastructure -->\n### Plan of infrastructure: **high**\n');
      expect(stdout.endsWith(markdown)).toBe(true);
      expect(await ci('destructive')).toMatchObject({ status: 0 });
      session.writeSpec(infrastructure);
    },
    LIMIT_MS,
  );
});
