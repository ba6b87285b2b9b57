import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec, NodeSpec } from '../../modules/model/cluster-spec';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;

const on = (host: string): NodeSpec => ({ host });

/** Three hosts with storage that they share, high availability by rules, and what a worker can have beside. */
const spec = (hostOfWorker1: string): ClusterSpec => ({
  ...infrastructure,
  proxmox: {
    ...infrastructure.proxmox,
    hosts: ['atlas', 'hyperion', 'rhea'],
    diskStorage: 'ceph',
    sharedStorages: ['ceph'],
  },
  nodePools: {
    controlplane: {
      role: 'controlplane',
      count: 3,
      firstAddress: '10.0.1.1',
      highAvailability: true,
      nodes: { controlplane0: on('atlas'), controlplane1: on('hyperion'), controlplane2: on('rhea') },
    },
    worker: {
      role: 'worker',
      count: 2,
      firstAddress: '10.0.2.1',
      highAvailability: true,
      labels: { 'example.org/disk': 'fast' },
      disks: { data: { slot: 1, sizeGiB: 10 } },
      nodes: { worker0: on('rhea'), worker1: { ...on(hostOfWorker1), vmId: 2100, address: '10.0.2.100' } },
    },
  },
});

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

describe('three hosts with high availability', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(spec('hyperion'));
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const deploy = async (): Promise<void> => {
    const { status, stdout, stderr } = await session.deploy();
    expect(status === 0 ? '' : `${stdout}${stderr}`.slice(-4000)).toBe('');
    expect((await session.check()).filter((result) => !result.startsWith('PASS'))).toEqual([]);
    expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
  };

  test(
    'T-9b deploys, plans nothing more, and plans the move of a node as a migration',
    async () => {
      await deploy();
      const { items } = await session.kubernetes<Listed<Labelled>>('/api/v1/nodes');
      const fast = items.filter(({ metadata }) => metadata.labels['example.org/disk'] === 'fast');
      expect(fast.map(({ metadata }) => metadata.name)).toEqual(['worker0', 'worker1']);
      const config = await session.proxmox<Record<string, unknown>>('/nodes/hyperion/qemu/2100/config');
      expect(config['scsi1']).toMatch(/^ceph:.*size=10G/);
      const rules = await session.proxmox<readonly Rule[]>('/cluster/ha/rules');
      expect(rules.map(({ rule, nodes, resources }) => `${rule} ${nodes} ${resources}`)).toContain(
        'groundwork-infrastructure-worker1 hyperion:1 vm:2100',
      );

      session.writeSpec(spec('atlas'));
      const { changes } = await session.plan();
      expect(changes.filter(({ address }) => /_vm\.|_identity|_applied/.test(address))).toEqual([
        { address: 'proxmox_virtual_environment_vm.worker1_vm', actions: 'update' },
      ]);
    },
    LIMIT_MS,
  );
});
