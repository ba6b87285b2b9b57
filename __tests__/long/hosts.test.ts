import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { controlPlanesOn, workersOn } from '../rehearsal/pools';

const LIMIT_MS = 15 * 60_000;
const ALL = ['atlas', 'hyperion', 'rhea'];

const specOn = (hosts: readonly string[]): ClusterSpec => ({
  ...infrastructure,
  proxmox: { ...infrastructure.proxmox, hosts },
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 2, firstAddress: '10.0.2.1' },
  },
});

/** What the lab's data centre is made from: a node on each of the hosts, and none that needs a record. */
const DATA_CENTRE: ClusterSpec = {
  ...specOn(ALL),
  nodePools: {
    controlplane: controlPlanesOn('atlas'),
    worker: workersOn('hyperion', 'rhea'),
  },
};

/** One chain: each test begins where the one before it has ended. */
describe('T-9b hosts of a running cluster', () => {
  let session: LabSession;

  const placement = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await session.groundwork('placement', ...args);
    expect({ status, ...(status === 0 ? {} : { stderr }) }).toEqual({ status: 0 });
    return stdout;
  };
  const machines = async (): Promise<readonly (readonly [string, string])[]> => {
    const listed = await session.proxmox<readonly { name: string; node: string }[]>('/cluster/resources?type=vm');
    return listed.map(({ name, node }) => [name, node] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  };
  const uptime = async (host: string, vmid: number): Promise<number> =>
    (await session.proxmox<{ readonly uptime: number }>(`/nodes/${host}/qemu/${vmid}/status/current`)).uptime;

  beforeAll(async () => {
    session = await LabSession.start(DATA_CENTRE);
    session.writeSpec(specOn(ALL.slice(0, 2)));
    await placement('--write');
    await expectDeployed(session);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'a host that is added moves no node',
    async () => {
      expect(await machines()).toEqual([
        ['talos-controlplane0', 'atlas'],
        ['talos-worker0', 'hyperion'],
        ['talos-worker1', 'atlas'],
      ]);
      session.writeSpec(specOn(ALL));
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
    },
    LIMIT_MS,
  );

  test(
    'a node is moved by command: its VM migrates, and is neither made anew nor restarted',
    async () => {
      await placement('move', 'worker0', 'rhea');
      const { changes } = await session.plan();
      expect(changes).toEqual([
        { address: 'proxmox_download_file.worker0_image_file', actions: 'create delete' },
        { address: 'proxmox_virtual_environment_vm.worker0_vm', actions: 'update' },
      ]);
      const before = await uptime('hyperion', 2000);
      await expectDeployed(session);
      expect(await machines()).toContainEqual(['talos-worker0', 'rhea']);
      expect(await uptime('rhea', 2000)).toBeGreaterThan(before);
    },
    LIMIT_MS,
  );

  test(
    'a host with nodes on it is not removed; an empty one goes without a change',
    async () => {
      session.writeSpec(specOn(['atlas', 'hyperion']));
      const { status, output } = await session.plan();
      expect(status).toBe(1);
      expect(output).toContain(
        'node worker0 is on host rhea by infrastructure.placement.json, and hosts are atlas, hyperion',
      );
      session.writeSpec(specOn(['atlas', 'rhea']));
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
    },
    LIMIT_MS,
  );
});
