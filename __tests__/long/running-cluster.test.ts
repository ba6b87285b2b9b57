import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec, VmSizeSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession, type PlannedChange } from '../rehearsal/lab-session';
import { withoutQuorum } from '../rehearsal/quorum-watch';

const LIMIT_MS = 15 * 60_000;

/** What the tests change, one after the other. */
interface Shape {
  readonly controlPlanes: number;
  readonly workers: number;
  readonly size: VmSizeSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly more: Partial<ClusterSpec>;
}

const specOf = ({ controlPlanes, workers, size, labels, more }: Shape): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: controlPlanes, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: workers, firstAddress: '10.0.2.1', size, labels },
  },
  ...more,
});

const madeOf = (node: string, actions: string): readonly PlannedChange[] => [
  { address: `proxmox_download_file.${node}_image_file`, actions },
  { address: `proxmox_virtual_environment_vm.${node}_vm`, actions },
  { address: `talos_image_factory_schematic.${node}_image_schematic`, actions },
  { address: `talos_machine_configuration_apply.${node}_applied`, actions },
  { address: `terraform_data.${node}_vm_identity`, actions },
];
const GATE = { address: 'null_resource.ready_wait', actions: 'delete create' };
const sorted = (changes: readonly PlannedChange[]): readonly PlannedChange[] =>
  [...changes].sort((a, b) => (a.address < b.address ? -1 : 1));

interface Listed<Item> {
  readonly items: readonly Item[];
}
interface ShownNode {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly capacity: { readonly memory: string } };
}

/** One chain of changes on one cluster: each test begins where the one before it has ended. */
describe('changes to a running cluster', () => {
  let session: LabSession;
  let shape: Shape = {
    ...{ controlPlanes: 3, workers: 2, size: { memoryMiB: 2048 }, labels: {} },
    more: { versions: { cilium: '1.19.5' } },
  };

  const deploy = async (): Promise<void> => {
    expectSuccess(await session.deploy());
  };
  /** With an eye on etcd: at no look may it be without a quorum. */
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    const looks = await session.watchQuorum();
    const result = await work();
    const seen = await looks();
    expect(seen.length).toBeGreaterThan(0);
    expect(withoutQuorum(seen)).toEqual([]);
    return result;
  };
  /** Plans and deploys; gives what was planned. */
  const change = async (changed: Partial<Shape>): Promise<readonly PlannedChange[]> => {
    shape = { ...shape, ...changed };
    session.writeSpec(specOf(shape));
    const { changes } = await session.plan();
    await watched(deploy);
    await expectSettled(session);
    return changes;
  };
  const groundwork = async (...args: readonly string[]): Promise<{ readonly out: string; readonly err: string }> => {
    const { status, stdout, stderr } = await watched(() => session.groundwork(...args));
    expect({ status, ...(status === 0 ? {} : { stdout, stderr }) }).toEqual({ status: 0 });
    return { out: stdout, err: stderr };
  };
  const nodes = async (): Promise<readonly ShownNode[]> =>
    (await session.kubernetes<Listed<ShownNode>>('/api/v1/nodes')).items;
  const names = async (): Promise<readonly string[]> => (await nodes()).map(({ metadata }) => metadata.name);
  const uptimes = (vmids: readonly number[]): Promise<readonly number[]> =>
    Promise.all(
      vmids.map(async (vmid) => {
        const path = `/nodes/atlas/qemu/${vmid}/status/current`;
        return (await session.proxmox<{ readonly uptime: number }>(path)).uptime;
      }),
    );

  beforeAll(async () => {
    session = await LabSession.start(specOf(shape));
    await deploy();
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'O-2 a third worker is added, and nothing else is touched but the gate that waits for it',
    async () => {
      expect(await change({ workers: 3 })).toEqual(sorted([GATE, ...madeOf('worker2', 'create')]));
      expect(await names()).toEqual([
        'controlplane0',
        'controlplane1',
        'controlplane2',
        'worker0',
        'worker1',
        'worker2',
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-24 more memory changes the VMs in place and restarts none, until a roll does so one by one',
    async () => {
      const workers = [...Array(shape.workers).keys()];
      const vmids = workers.map((index) => 2000 + index);
      const before = await uptimes(vmids);
      expect(await change({ size: { memoryMiB: 3072 } })).toEqual(
        workers.map((index) => ({ address: `proxmox_virtual_environment_vm.worker${index}_vm`, actions: 'update' })),
      );
      // A machine that was restarted would count from 0 again.
      const after = await uptimes(vmids);
      expect(after.filter((seconds, index) => seconds <= (before[index] ?? 0))).toEqual([]);

      const list = workers.map((index) => `${index + 1}. worker${index}: hardware: memory 2048 → 3072\n`).join('');
      expect((await session.groundwork('roll', '--dry-run', '--hardware')).stdout).toBe(list);
      const { out, err } = await groundwork('roll');
      expect(out).toBe(list);
      expect(err).toContain('worker0 takes pods again\nworker1 takes no new pods; draining\n');
      const grown = (await nodes()).filter(({ metadata }) => metadata.name.startsWith('worker'));
      expect(grown.map(({ status, spec }) => [status.capacity.memory, spec.unschedulable])).toEqual(
        workers.map(() => ['3Gi', undefined]),
      );
      expect((await session.groundwork('roll')).stdout).toBe('no node needs a restart\n');
      await expectSettled(session);
    },
    LIMIT_MS,
  );

  test(
    'T-24 a disk grows at once, and restarts nothing',
    async () => {
      const vmids = [...Array(shape.workers).keys()].map((index) => 2000 + index);
      const before = await uptimes(vmids);
      expect(await change({ size: { memoryMiB: 3072, diskGiB: 50 } })).toEqual(
        vmids.map((vmid) => ({
          address: `proxmox_virtual_environment_vm.worker${vmid - 2000}_vm`,
          actions: 'update',
        })),
      );
      const { scsi0 } = await session.proxmox<{ readonly scsi0: string }>('/nodes/atlas/qemu/2000/config');
      expect(scsi0).toContain('size=50G');
      expect((await uptimes(vmids)).filter((seconds, index) => seconds <= (before[index] ?? 0))).toEqual([]);
      expect((await session.groundwork('roll', '--dry-run', '--hardware')).stdout).toBe('no node needs a restart\n');
    },
    LIMIT_MS,
  );

  test(
    'O-2 a worker is removed: drained, wiped, off, its Node deleted; then its VM goes, and nothing else',
    async () => {
      const last = shape.workers - 1;
      const refused = await session.groundwork('node', 'remove', 'worker0');
      expect([refused.status, refused.stderr]).toEqual([
        1,
        `error: worker0 is not the last node of pool worker, and a pool is its first ${shape.workers} indexes; remove worker${last}, or replace worker0\n`,
      ]);
      const { out, err } = await groundwork('node', 'remove', `worker${last}`);
      expect(err).toContain(`worker${last} is no node of the cluster any more\n`);
      expect(out).toBe(
        `next: set nodePools.worker.count to ${last}, then npx cdktf deploy infrastructure deletes the VM\n`,
      );
      expect(await names()).not.toContain(`worker${last}`);
      expect(await change({ workers: last })).toEqual(sorted([GATE, ...madeOf(`worker${last}`, 'delete')]));
      expect((await session.inventory()).filter((entry) => entry.includes(`worker${last}`))).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'T-4 labels are changed in place, without a restart',
    async () => {
      const vmids = [2000, 2001];
      const before = await uptimes(vmids);
      expect(await change({ labels: { 'example.org/disk': 'fast' } })).toEqual([
        GATE,
        { address: 'talos_machine_configuration_apply.worker0_applied', actions: 'update' },
        { address: 'talos_machine_configuration_apply.worker1_applied', actions: 'update' },
      ]);
      const fast = (await nodes()).filter(({ metadata }) => metadata.labels['example.org/disk'] === 'fast');
      expect(fast.map(({ metadata }) => metadata.name)).toEqual(['worker0', 'worker1']);
      expect((await uptimes(vmids)).filter((seconds, index) => seconds <= (before[index] ?? 0))).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'T-15 another version of Cilium is one change',
    async () => {
      expect(await change({ more: {} })).toEqual([{ address: 'helm_release.cilium', actions: 'update' }]);
    },
    LIMIT_MS,
  );

  test(
    'T-24 a config that needs a restart is refused by the nodes, rolled one by one, and then noted by a deploy; keys stay',
    async () => {
      const all = (await names()).map((name) => `talos_machine_configuration_apply.${name}_applied`);
      shape = { ...shape, more: { ...shape.more, talos: { contract: '1.4' } } };
      session.writeSpec(specOf(shape));
      expect((await session.plan()).changes).toEqual([GATE, ...all.map((address) => ({ address, actions: 'update' }))]);
      const refused = await watched(() => session.deploy());
      expect(refused.status).toBe(1);
      expect(`${refused.stdout}${refused.stderr}`).toMatch(/this config change can't be applied in\s+immediate mode/);
      const { out } = await groundwork('roll');
      expect(out).toBe(
        ['worker0', 'worker1', 'controlplane0', 'controlplane1', 'controlplane2']
          .map((name, index) => `${index + 1}. ${name}: machine config that needs a restart\n`)
          .join(''),
      );
      await watched(deploy);
      await expectSettled(session);
    },
    LIMIT_MS,
  );

  test(
    'O-2 two control planes are added at once',
    async () => {
      expect(await change({ controlPlanes: 5 })).toEqual(
        sorted([GATE, ...madeOf('controlplane3', 'create'), ...madeOf('controlplane4', 'create')]),
      );
    },
    LIMIT_MS,
  );

  test(
    'O-2 two control planes are removed, one after the other',
    async () => {
      expect((await groundwork('node', 'remove', 'controlplane4')).err).toContain('controlplane4 leaves etcd\n');
      // The spec still has five: the last of the pool is the one that was removed.
      await groundwork('node', 'remove', 'controlplane3');
      expect(await change({ controlPlanes: 3 })).toEqual(
        sorted([GATE, ...madeOf('controlplane3', 'delete'), ...madeOf('controlplane4', 'delete')]),
      );
      expect(await names()).toEqual(['controlplane0', 'controlplane1', 'controlplane2', 'worker0', 'worker1']);
    },
    LIMIT_MS,
  );

  test.each(['worker0', 'controlplane1', 'controlplane0'])(
    'T-13 the VM of %s is made anew, gets its config again, and joins',
    async (node) => {
      const replace = `-replace=proxmox_virtual_environment_vm.${node}_vm`;
      const { changes } = await session.plan([replace]);
      expect(changes).toEqual([
        GATE,
        { address: `proxmox_virtual_environment_vm.${node}_vm`, actions: 'delete create' },
        { address: `talos_machine_configuration_apply.${node}_applied`, actions: 'delete create' },
        { address: `terraform_data.${node}_vm_identity`, actions: 'delete create' },
      ]);
      const applied = await watched(() =>
        session.terraform('apply', '-auto-approve', '-input=false', '-no-color', replace),
      );
      expectSuccess(applied);
      await expectSettled(session);
    },
    LIMIT_MS,
  );
});
