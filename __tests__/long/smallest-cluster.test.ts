import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSuccess } from '../rehearsal/expect-success';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 10 * 60_000;

const SPEC: ClusterSpec = {
  ...infrastructure,
  nodePools: { controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' } },
};

describe('one control plane and no worker', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'T-1 deploys, plans nothing more, and is destroyed without a trace',
    async () => {
      expectSuccess(await session.deploy());
      expect(await session.check()).toEqual([
        'PASS nodes-ready',
        'PASS vip-holder',
        'PASS etcd-quorum',
        'PASS helm-releases',
      ]);
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
      const { items } = await session.kubernetes<{
        readonly items: readonly { readonly metadata: { readonly name: string } }[];
      }>('/api/v1/nodes');
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['controlplane0']);
      expect(await session.inventory()).toContain('talos-controlplane0');
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
