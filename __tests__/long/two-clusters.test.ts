import { stringify } from 'yaml';
import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 30 * 60_000;

const FIRST: ClusterSpec = {
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
};

/** Beside it: with the VIP of Talos, and nodes that find each other through that address alone. */
const SECOND: ClusterSpec = {
  ...infrastructure,
  name: 'lab',
  vip: { address: '10.0.13.1', provider: 'talos' },
  loadBalancerPools: { services: { range: '10.0.13.4-10.0.13.20' } },
  talos: { discovery: false },
  nodePools: {
    labplane: { role: 'controlplane', count: 1, firstAddress: '10.0.11.1', firstVmId: 3500 },
    labworker: { role: 'worker', count: 1, firstAddress: '10.0.12.1', firstVmId: 4000 },
  },
};

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly tags: string;
}

describe('two clusters on one Proxmox VE', () => {
  let first: LabSession;
  let second: LabSession;
  beforeAll(async () => {
    first = await LabSession.start(FIRST);
    second = first.of('infrastructure-lab');
  }, LIMIT_MS);
  afterAll(() => first.stop(), LIMIT_MS);

  const nodes = async (session: LabSession): Promise<readonly string[]> => {
    const { items } = await session.kubernetes<{
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
    }>('/api/v1/nodes');
    return items.map(({ metadata }) => metadata.name);
  };

  test(
    'T-11b T-12 are deployed, one from TypeScript and one from YAML, and each is destroyed alone',
    async () => {
      await expectDeployed(first);
      first.writeClusterFile('lab.yaml', stringify(SECOND));
      await expectDeployed(second);
      expect(await nodes(first)).toEqual(['controlplane0', 'worker0']);
      expect(await nodes(second)).toEqual(['labplane0', 'labworker0']);
      const machines = (await first.proxmox<readonly Resource[]>('/cluster/resources')).filter(
        ({ type }) => type === 'qemu',
      );
      expect(machines.map(({ name, tags }) => `${name} ${tags}`).sort()).toEqual([
        'talos-controlplane0 controlplane;groundwork-infrastructure',
        'talos-labplane0 controlplane;groundwork-lab',
        'talos-labworker0 groundwork-lab;worker',
        'talos-worker0 groundwork-infrastructure;worker',
      ]);

      const left = await first.destroy();
      expect(left.filter((name) => name.startsWith('talos-'))).toEqual(['talos-labplane0', 'talos-labworker0']);
      expect((await second.check()).filter((result) => !result.startsWith('PASS'))).toEqual([]);
      expect(await second.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
