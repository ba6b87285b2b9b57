import type { AclEntry } from '../../../lab/proxmox/access/access-control';
import { PRIVILEGE_NEEDS } from '../../../operations/proxmox/privileges';
import { dataCentre, DEPLOY_TOKEN, LEAST_PRIVILEGES, token } from './data-centre';
import { recorded } from './recordings';
import { send } from './replay';

const TALOS = ['create', 'plan', 'describe', 'grow', 'destroy'];

/** The first thing that goes otherwise than recorded: a refusal, an ended task, or something that is no longer seen. */
const firstDeviation = async (acl: readonly AclEntry[]): Promise<string | undefined> => {
  const centre = await dataCentre({
    tokens: [token(DEPLOY_TOKEN, acl)],
    users: [{ id: 'groundwork@pve', acl: LEAST_PRIVILEGES }],
  });
  try {
    for (const call of recorded('talos', ...TALOS).flatMap(({ calls }) => calls)) {
      const { status, reason, body } = await send(centre, call);
      await centre.proxmox.idle();
      if (status !== call.status) return reason;
      const task = centre.proxmox.snapshot().tasks.find(({ exitstatus }) => exitstatus !== 'OK');
      if (task !== undefined) return `${task.type}: ${task.exitstatus ?? ''}`;
      const { data } = body as { data: unknown };
      if (call.path === '/cluster/resources' && Array.isArray(data) && data.length === 0) return 'the VM is not listed';
      if (call.path.endsWith('/content') && Array.isArray(data) && data.length === 0) return 'the image is not listed';
    }
    return undefined;
  } finally {
    await centre.close();
  }
};

const without = (path: string, privilege: string): AclEntry[] =>
  LEAST_PRIVILEGES.map((entry) =>
    entry.path === path
      ? { ...entry, role: (entry.role as readonly string[]).filter((name) => name !== privilege) }
      : entry,
  );

describe('O-6 least privileges of a deploy', () => {
  test('are enough for create, plan, update, growth and destroy', async () => {
    expect(await firstDeviation(LEAST_PRIVILEGES)).toBeUndefined();
  });

  const NEEDED = [
    [
      '/storage/local',
      'Datastore.AllocateTemplate',
      'Permission check failed (/storage/local, Datastore.AllocateTemplate)',
    ],
    ['/storage/local', 'Datastore.Allocate', 'Permission check failed (/storage/local, Datastore.Allocate)'],
    [
      '/storage/local-lvm',
      'Datastore.AllocateSpace',
      'Permission check failed (/storage/local-lvm, Datastore.AllocateSpace)',
    ],
    ['/storage/local-lvm', 'Datastore.Audit', 'Permission check failed (/storage/local-lvm, Datastore.Audit)'],
    ['/nodes/pve1', 'Sys.AccessNetwork', 'Permission check failed'],
    ['/vms', 'VM.Allocate', 'Permission check failed'],
    ['/vms', 'VM.Audit', 'Permission check failed (/vms/200, VM.Audit)'],
    ['/vms', 'VM.PowerMgmt', 'Permission check failed (/vms/200, VM.PowerMgmt)'],
    ['/vms', 'VM.Config.Disk', 'Permission check failed (/vms/200, VM.Config.Disk)'],
    ['/vms', 'VM.Config.CPU', 'Permission check failed (/vms/200, VM.Config.CPU)'],
    ['/vms', 'VM.Config.Memory', 'Permission check failed (/vms/200, VM.Config.Memory)'],
    ['/vms', 'VM.Config.Network', 'Permission check failed (/vms/200, VM.Config.Network)'],
    ['/vms', 'VM.Config.HWType', 'Permission check failed (/vms/200, VM.Config.HWType)'],
    ['/vms', 'VM.Config.Options', 'Permission check failed (/vms/200, VM.Config.Options)'],
    ['/sdn/zones/localnetwork/vmbr0', 'SDN.Use', 'Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)'],
  ] as const;

  test.each(NEEDED)('without %s %s: %s', async (path, privilege, text) => {
    expect(await firstDeviation(without(path, privilege))).toBe(text);
  });

  // Proxmox asks for Datastore.Audit or Datastore.Allocate to read an image: with the one that deletes it, the other is spare.
  test('Datastore.Audit on the image storage is needed by listings alone', async () => {
    expect(await firstDeviation(without('/storage/local', 'Datastore.Audit'))).toBe(
      'Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)',
    );
  });

  test('every privilege that the documented role always has was taken away', () => {
    const taken = [...NEEDED.map(([path, privilege]) => `${path} ${privilege}`), '/storage/local Datastore.Audit'];
    const granted = LEAST_PRIVILEGES.flatMap(({ path, role }) =>
      (role as readonly string[]).map((privilege) => `${path} ${privilege}`),
    );
    expect(taken.sort()).toEqual(granted.sort());
    expect([...new Set(NEEDED.map(([, privilege]) => privilege))].sort()).toEqual(
      [...new Set(PRIVILEGE_NEEDS.filter(({ cause }) => cause === 'always').map(({ privilege }) => privilege))].sort(),
    );
  });
});

describe('O-6 privileges that hold in a pool alone', () => {
  const IN_POOL = LEAST_PRIVILEGES.map((entry) => (entry.path === '/vms' ? { ...entry, path: '/pool/talos' } : entry));
  const AT_TAGS: AclEntry = { path: '/vms', role: ['VM.Config.Options'] };
  const VM = { vmid: '300', pool: 'talos', scsi0: 'local-lvm:1', net0: 'virtio,bridge=vmbr0' };

  /** How the task ends that makes a VM. */
  const making = async (form: Readonly<Record<string, string>>, acl: readonly AclEntry[]): Promise<string> => {
    const centre = await dataCentre({ tokens: [token(DEPLOY_TOKEN, acl)], users: [{ id: 'groundwork@pve', acl }] });
    try {
      const { status, reason } = await centre.call('POST', '/nodes/pve1/qemu', form, DEPLOY_TOKEN);
      if (status !== 200) return reason;
      await centre.proxmox.idle();
      return centre.proxmox.snapshot().tasks[0]?.exitstatus ?? 'no task';
    } finally {
      await centre.close();
    }
  };

  test('make a VM, and none with tags: those are checked before it is in the pool', async () => {
    expect(await making(VM, IN_POOL)).toBe('OK');
    expect(await making({ ...VM, tags: 'worker' }, IN_POOL)).toBe(
      'unable to create VM 300 - 403 Permission check failed (/vms/300, VM.Config.Options)',
    );
    expect(await making({ ...VM, tags: 'worker' }, [...IN_POOL, AT_TAGS])).toBe('OK');
  });
});
