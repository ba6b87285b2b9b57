import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec, NodeSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 45 * 60_000;
const HOSTS = ['atlas', 'hyperion', 'rhea', 'themis'];

/** Spread as the rule of placement does it, and written down, as several hosts ask for. */
const spread = (pool: string, count: number, from: number): Record<string, NodeSpec> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `${pool}${index}`,
      { host: HOSTS[(from + index) % HOSTS.length] ?? '' },
    ]),
  );

const SPEC: ClusterSpec = {
  ...infrastructure,
  proxmox: { ...infrastructure.proxmox, hosts: HOSTS, diskStorage: 'ceph', sharedStorages: ['ceph'] },
  nodePools: {
    controlplane: {
      role: 'controlplane',
      count: 5,
      firstAddress: '10.0.1.1',
      highAvailability: true,
      nodes: spread('controlplane', 5, 0),
    },
    worker: {
      role: 'worker',
      count: 10,
      firstAddress: '10.0.2.1',
      highAvailability: true,
      nodes: spread('worker', 10, 5),
    },
  },
};

interface Rule {
  readonly nodes: string;
}

describe('5 control planes and 10 workers on 4 hosts', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'T-9b T-13 are deployed with a rule of high availability each, and destroyed without a trace',
    async () => {
      await expectDeployed(session);
      const rules = await session.proxmox<readonly Rule[]>('/cluster/ha/rules');
      const perHost = HOSTS.map((host) => rules.filter(({ nodes }) => nodes === `${host}:1`).length);
      expect(perHost.reduce((sum, count) => sum + count)).toBe(15);
      expect(perHost.every((count) => count === 3 || count === 4)).toBe(true);
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
