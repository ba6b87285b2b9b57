import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec, NodePoolSpec } from '../../modules/model/cluster-spec';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;

/** One control plane and workers with a data disk each, all protected but for what is given. */
const spec = (worker: Partial<NodePoolSpec>): ClusterSpec => ({
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1', protection: true },
    worker: {
      role: 'worker',
      count: 2,
      firstAddress: '10.0.2.1',
      protection: true,
      disks: { data: { slot: 1, sizeGiB: 10 } },
      ...worker,
    },
  },
});

describe('O-7 protected VMs', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(spec({}));
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const deploy = async (): Promise<string> => {
    const { status, stdout, stderr } = await session.deploy();
    return status === 0 ? '' : `${stdout}${stderr}`;
  };
  const status = async (vmId: number): Promise<unknown> => {
    const vms = await session.proxmox<readonly Record<string, unknown>[]>('/cluster/resources');
    return vms.find(({ vmid }) => vmid === vmId)?.['status'];
  };

  test(
    'are refused by the plan, by Proxmox, and go once the spec lets them go',
    async () => {
      expect(await deploy()).toBe('');
      expect(await session.proxmox('/nodes/atlas/qemu/1500/config')).toMatchObject({ protection: 1 });
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });

      // Terraform, before anything is touched
      const destroy = await session.plan(['-destroy']);
      expect(destroy).toMatchObject({ status: 1 });
      expect(destroy.output.match(/Error: Instance cannot be destroyed/g)).toHaveLength(3);

      // A node that is left out of the spec takes Terraform's guard with it: the review says what would come
      session.writeSpec(spec({ count: 1 }));
      const review = await session.groundwork('review', '--fail-on', 'high');
      expect(review).toMatchObject({ status: 1 });
      expect(review.stdout).toContain(
        'protected-destroyed: Proxmox protects worker1: the apply fails there, with the VM stopped',
      );
      expect(await deploy()).toContain('protection mode enabled');
      expect(await status(2001)).toBe('stopped');

      // Back: the machine and its disks are there, and run again
      session.writeSpec(spec({}));
      expect(await deploy()).toBe('');
      expect(await status(2001)).toBe('running');

      // On purpose: first the protection, then the node
      session.writeSpec(spec({ nodes: { worker1: { protection: false } } }));
      expect(await deploy()).toBe('');
      session.writeSpec(spec({ count: 1 }));
      expect(await deploy()).toBe('');
      expect(await status(2001)).toBeUndefined();
      expect(await status(2000)).toBe('running');
    },
    LIMIT_MS,
  );
});
