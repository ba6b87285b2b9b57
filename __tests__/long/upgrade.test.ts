import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { withoutQuorum } from '../rehearsal/quorum-watch';

const LIMIT_MS = 20 * 60_000;
const NODES = ['worker0', 'controlplane0', 'controlplane1', 'controlplane2'];

const specOf = (talos: string): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 3, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
  versions: { talos },
});

interface ShownNode {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly nodeInfo: { readonly osImage: string; readonly bootID: string } };
}

describe('another version of Talos', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(specOf('1.13.8'));
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const shown = async (): Promise<readonly ShownNode[]> =>
    (await session.kubernetes<{ readonly items: readonly ShownNode[] }>('/api/v1/nodes')).items;
  const images = async (): Promise<readonly string[]> =>
    (await shown()).map(({ metadata, status }) => `${metadata.name}: ${status.nodeInfo.osImage}`);
  const all = (version: string): readonly string[] => [...NODES].sort().map((name) => `${name}: Talos (v${version})`);

  test(
    'O-2 is one change of the spec, which restarts nothing, and one roll: each node once, one after the other, the quorum kept',
    async () => {
      expectSuccess(await session.deploy());
      expect(await images()).toEqual(all('1.13.8'));

      session.writeSpec(specOf('1.13.9'));
      const { changes } = await session.plan();
      expect(changes.filter(({ address }) => address.includes('_vm.'))).toEqual([]);
      const looks = await session.watchQuorum();
      expectSuccess(await session.deploy());
      expect(await images()).toEqual(all('1.13.8'));

      const list = NODES.map((name, index) => `${index + 1}. ${name}: Talos v1.13.8 → v1.13.9\n`).join('');
      expect((await session.groundwork('roll', '--dry-run')).stdout).toBe(list);
      const { status, stdout, stderr } = await session.groundwork('roll');
      expect([status, stdout, status === 0 ? '' : stderr]).toEqual([0, list, '']);
      // The order of what was done: no node goes before the one before it is back.
      const steps = stderr.split('\n').flatMap((line) => {
        const [, name = '', what = ''] = /^(\S+) (pulls|takes pods again)/.exec(line) ?? [];
        return what === '' ? [] : [`${name} ${what}`];
      });
      expect(steps).toEqual(NODES.flatMap((name) => [`${name} pulls`, `${name} takes pods again`]));
      const seen = await looks();
      expect(seen.length).toBeGreaterThan(0);
      expect(withoutQuorum(seen)).toEqual([]);

      expect(await images()).toEqual(all('1.13.9'));
      expect((await shown()).filter(({ spec }) => spec.unschedulable === true)).toEqual([]);
      expect((await session.groundwork('roll')).stdout).toBe('no node needs a restart\n');
      await expectSettled(session);
    },
    LIMIT_MS,
  );
});
