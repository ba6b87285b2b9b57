import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec, NodeSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { withoutQuorum } from '../rehearsal/quorum-watch';

const LIMIT_MS = 15 * 60_000;

const on = (host: string): NodeSpec => ({ host });

/** Where each node is. */
type Places = Readonly<Record<'controlplane0' | 'controlplane1' | 'controlplane2' | 'worker0' | 'worker1', string>>;

/** Hosts with storage that they share, high availability by rules, and what a worker can have beside. */
const spec = (hosts: readonly string[], places: Places): ClusterSpec => ({
  ...infrastructure,
  proxmox: { ...infrastructure.proxmox, hosts, diskStorage: 'ceph', sharedStorages: ['ceph'] },
  nodePools: {
    controlplane: {
      role: 'controlplane',
      count: 3,
      firstAddress: '10.0.1.1',
      highAvailability: true,
      nodes: {
        controlplane0: on(places.controlplane0),
        controlplane1: on(places.controlplane1),
        controlplane2: on(places.controlplane2),
      },
    },
    worker: {
      role: 'worker',
      count: 2,
      firstAddress: '10.0.2.1',
      highAvailability: true,
      labels: { 'example.org/disk': 'fast' },
      disks: { data: { slot: 1, sizeGiB: 10 } },
      nodes: { worker0: on(places.worker0), worker1: { ...on(places.worker1), vmId: 2100, address: '10.0.2.100' } },
    },
  },
});

const ALL = ['atlas', 'hyperion', 'rhea'];
const FIRST: Places = {
  ...{ controlplane0: 'atlas', controlplane1: 'hyperion', controlplane2: 'atlas' },
  ...{ worker0: 'hyperion', worker1: 'hyperion' },
};

interface Listed<Item> {
  readonly items: readonly Item[];
}
interface Labelled {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}
interface Rule {
  readonly rule: string;
  readonly nodes: string;
  readonly resources: string;
}

interface Machine {
  readonly type: string;
  readonly name: string;
  readonly node: string;
}

describe('hosts with high availability', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(
      spec(ALL, { ...FIRST, controlplane2: 'rhea', worker0: 'rhea' }), // all hosts are in the data centre
    );
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const rules = async (): Promise<readonly string[]> =>
    (await session.proxmox<readonly Rule[]>('/cluster/ha/rules')).map(
      ({ rule, nodes, resources }) => `${rule} ${nodes} ${resources}`,
    );
  const places = async (): Promise<Record<string, string>> => {
    const machines = await session.proxmox<readonly Machine[]>('/cluster/resources');
    return Object.fromEntries(
      machines
        .filter(({ type }) => type === 'qemu')
        .map(({ name, node }) => [name.replace('talos-', ''), node])
        .sort(),
    ) as Record<string, string>;
  };

  test(
    'T-9b deploy, take a host more, move nodes as they run, and give a host up',
    async () => {
      session.writeSpec(spec(['atlas', 'hyperion'], FIRST));
      await expectDeployed(session);
      const { items } = await session.kubernetes<Listed<Labelled>>('/api/v1/nodes');
      const fast = items.filter(({ metadata }) => metadata.labels['example.org/disk'] === 'fast');
      expect(fast.map(({ metadata }) => metadata.name)).toEqual(['worker0', 'worker1']);
      const config = await session.proxmox<Record<string, unknown>>('/nodes/hyperion/qemu/2100/config');
      expect(config['scsi1']).toMatch(/^ceph:.*size=10G/);
      expect(await rules()).toContain('groundwork-infrastructure-worker1 hyperion:1 vm:2100');

      // A host more moves nothing.
      session.writeSpec(spec(ALL, FIRST));
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });

      const moved: Places = { ...FIRST, controlplane2: 'rhea', worker1: 'atlas' };
      session.writeSpec(spec(ALL, moved));
      const { changes } = await session.plan();
      expect(changes.filter(({ address }) => /_vm\.|_identity|_applied/.test(address))).toEqual([
        { address: 'proxmox_virtual_environment_vm.controlplane2_vm', actions: 'update' },
        { address: 'proxmox_virtual_environment_vm.worker1_vm', actions: 'update' },
      ]);
      const looks = await session.watchQuorum();
      await expectDeployed(session);
      expect(withoutQuorum(await looks())).toEqual([]);
      expect(await places()).toEqual(moved);
      expect(await rules()).toContain('groundwork-infrastructure-worker1 atlas:1 vm:2100');

      const without: Places = { ...moved, controlplane1: 'atlas', worker0: 'rhea' };
      session.writeSpec(spec(['atlas', 'rhea'], without));
      await expectDeployed(session);
      expect(await places()).toEqual(without);
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
