import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
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
      await expectDeployed(session);
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
