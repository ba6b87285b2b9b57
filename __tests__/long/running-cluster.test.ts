import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { LabSession, type PlannedChange } from '../rehearsal/lab-session';
import { withoutQuorum } from '../rehearsal/quorum-watch';

const LIMIT_MS = 10 * 60_000;
const GOOD = ['PASS nodes-ready', 'PASS vip-holder', 'PASS etcd-quorum', 'PASS helm-releases'];

const specOf = (workers: number, memoryMiB: number): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: workers, firstAddress: '10.0.2.1', size: { memoryMiB } },
  },
});

/** One chain of changes on one cluster: each test begins where the one before it has ended. */
describe('changes to a running cluster', () => {
  let session: LabSession;

  const deploy = async (): Promise<void> => {
    const { status, stdout, stderr } = await session.deploy();
    expect(status === 0 ? '' : `${stdout}${stderr}`.slice(-4000)).toBe('');
  };
  /** Plans and deploys with an eye on etcd; gives what was planned. */
  const change = async (spec: ClusterSpec): Promise<readonly PlannedChange[]> => {
    session.writeSpec(spec);
    const { changes } = await session.plan();
    const watched = session.watchQuorum();
    await deploy();
    const looks = await watched();
    expect(looks.length).toBeGreaterThan(0);
    expect(withoutQuorum(looks)).toEqual([]);
    expect(await session.check()).toEqual(GOOD);
    expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
    return changes;
  };

  beforeAll(async () => {
    session = await LabSession.start(specOf(1, 2048));
    await deploy();
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'O-2 a second worker is added, and nothing else is touched but the gate that waits for it',
    async () => {
      expect(await change(specOf(2, 2048))).toEqual([
        { address: 'null_resource.ready_wait', actions: 'delete create' },
        { address: 'proxmox_download_file.worker1_image_file', actions: 'create' },
        { address: 'proxmox_virtual_environment_vm.worker1_vm', actions: 'create' },
        { address: 'talos_image_factory_schematic.worker1_image_schematic', actions: 'create' },
        { address: 'talos_machine_configuration_apply.worker1_applied', actions: 'create' },
        { address: 'terraform_data.worker1_vm_identity', actions: 'create' },
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-24 more memory changes the VMs in place and restarts none',
    async () => {
      const uptimes = (): Promise<readonly number[]> =>
        Promise.all(
          [2000, 2001].map(async (vmid) => {
            const path = `/nodes/atlas/qemu/${vmid}/status/current`;
            return (await session.proxmox<{ readonly uptime: number }>(path)).uptime;
          }),
        );
      const before = await uptimes();
      expect(await change(specOf(2, 3072))).toEqual([
        { address: 'proxmox_virtual_environment_vm.worker0_vm', actions: 'update' },
        { address: 'proxmox_virtual_environment_vm.worker1_vm', actions: 'update' },
      ]);
      // A machine that was restarted would count from 0 again.
      const after = await uptimes();
      expect(after.filter((seconds, index) => seconds <= (before[index] ?? 0))).toEqual([]);
    },
    LIMIT_MS,
  );
});
