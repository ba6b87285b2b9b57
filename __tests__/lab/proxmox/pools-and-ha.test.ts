import { type DataCentre, dataCentre } from './data-centre';

const SMALL = { vmid: '300', scsi0: 'local:1', net0: 'virtio,bridge=vmbr0' };

describe('pools', () => {
  let centre: DataCentre;
  beforeEach(async () => {
    centre = await dataCentre();
    await centre.must('POST', '/nodes/pve1/qemu', { ...SMALL, pool: 'talos' });
  });
  afterEach(() => centre.close());
  const reason = async (...call: Parameters<DataCentre['call']>): Promise<string> =>
    (await centre.call(...call)).reason;

  test('have members, which leave with their VM', async () => {
    expect(await centre.must('GET', '/pools', { poolid: 'talos' })).toMatchObject([
      { poolid: 'talos', members: [{ id: 'qemu/300', vmid: 300, node: 'pve1' }] },
    ]);
    await centre.must('DELETE', '/nodes/pve1/qemu/300');
    expect(await centre.must('GET', '/pools', { poolid: 'talos' })).toEqual([{ poolid: 'talos', members: [] }]);
  });

  test.each([
    ['POST', '/pools', { poolid: 'talos' }, "create pool failed: pool 'talos' already exists"],
    ['POST', '/pools', { poolid: 'a/b' }, "create pool failed: parent 'a' of pool 'a/b' does not exist"],
    ['POST', '/pools', { poolid: '1st' }, 'create pool failed: pool name must start with a letter'],
    ['GET', '/pools', { poolid: 'none' }, "pool 'none' does not exist"],
    ['DELETE', '/pools', { poolid: 'talos' }, "delete pool failed: pool 'talos' is not empty (contains VM 300)"],
    ['PUT', '/pools', { poolid: 'talos', vms: '300' }, 'update pools failed: VM 300 is already a pool member'],
    ['PUT', '/pools', { poolid: 'talos', vms: '301', delete: '1' }, 'update pools failed: VM 301 is not a pool member'],
    [
      'PUT',
      '/pools',
      { poolid: 'talos', storage: 'nas', delete: '1' },
      "update pools failed: Storage 'nas' is not a pool member",
    ],
  ])('%s %s %j fails', async (method, path, form, text) => {
    expect(await reason(method, path, form)).toBe(text);
  });

  test('give a VM away only when told to', async () => {
    await centre.must('POST', '/pools', { poolid: 'other' });
    expect(await reason('PUT', '/pools', { poolid: 'other', vms: '300' })).toBe(
      "update pools failed: VM 300 belongs already to pool 'talos' and 'allow-move' is not set",
    );
    await centre.must('PUT', '/pools', { poolid: 'other', vms: '300', 'allow-move': '1' });
    expect(centre.proxmox.save().pools).toEqual({
      talos: { vms: [], storage: [] },
      other: { vms: [300], storage: [] },
    });
  });
});

describe('high availability', () => {
  let centre: DataCentre;
  const open = async (version: string): Promise<void> => {
    centre = await dataCentre({ version });
    await centre.must('POST', '/nodes/pve1/qemu', SMALL);
  };
  afterEach(() => centre.close());
  const reason = async (...call: Parameters<DataCentre['call']>): Promise<string> =>
    (await centre.call(...call)).reason;

  test('starts and stops what it manages', async () => {
    await open('9.2.6');
    await centre.must('POST', '/cluster/ha/resources', { sid: 'vm:300', state: 'started' });
    await centre.proxmox.idle();
    expect(centre.hypervisor.isRunning(300)).toBe(true);
    await centre.must('POST', '/nodes/pve1/qemu/300/status/stop');
    await centre.proxmox.idle();
    expect(centre.hypervisor.isRunning(300)).toBe(false);
    expect(await centre.must('GET', '/cluster/ha/resources/vm:300')).toMatchObject({
      sid: 'vm:300',
      type: 'vm',
      state: 'stopped',
    });
    expect(centre.proxmox.snapshot().tasks.map(({ type }) => type)).toEqual([
      'qmcreate',
      'qmstart',
      'hastop',
      'qmshutdown',
    ]);
  });

  test('moves what it manages, when it comes to it', async () => {
    await open('9.2.6');
    expect(await reason('POST', '/cluster/ha/resources/vm:300/migrate', { node: 'pve2' })).toBe(
      "resource 'vm:300' is not HA managed",
    );
    await centre.must('POST', '/cluster/ha/resources', { sid: 'vm:300', state: 'started' });
    await centre.proxmox.idle();
    expect(await centre.must('POST', '/cluster/ha/resources/vm:300/migrate', { node: 'pve2' })).toEqual({
      sid: 'vm:300',
      'requested-node': 'pve2',
    });
    await centre.proxmox.idle();
    expect(centre.hypervisor.isRunning(300)).toBe(true);
    expect(await centre.must('GET', '/nodes/pve2/qemu/300/status/current')).toMatchObject({ status: 'running' });
    expect(centre.proxmox.snapshot().tasks.map(({ type }) => type)).toEqual(['qmcreate', 'qmstart', 'qmigrate']);
  });

  test('has rules in 9, and groups no more', async () => {
    await open('9.2.6');
    expect(await reason('POST', '/cluster/ha/groups', { group: 'first', nodes: 'pve1' })).toBe(
      'cannot create group: ha groups have been migrated to rules',
    );
    expect(await reason('GET', '/cluster/ha/groups')).toBe(
      'cannot index groups: ha groups have been migrated to rules',
    );
    expect(await reason('POST', '/cluster/ha/resources', { sid: 'vm:300', group: 'first' })).toBe(
      "invalid parameter 'group': ha groups have been migrated to rules",
    );
    const rule = { rule: 'spread', type: 'node-affinity', resources: 'vm:300', nodes: 'pve1:2,pve2' };
    expect(await reason('POST', '/cluster/ha/rules', rule)).toBe('cannot use unmanaged resource(s) vm:300.');
    await centre.must('POST', '/cluster/ha/resources', { sid: 'vm:300', state: 'stopped' });
    expect(await reason('POST', '/cluster/ha/rules', { ...rule, nodes: 'pve9' })).toBe(
      'cannot use non-existent node(s) pve9.',
    );
    await centre.must('POST', '/cluster/ha/rules', { ...rule, disable: '0' });
    expect(await centre.must('GET', '/cluster/ha/rules/spread')).toEqual({
      ...{ rule: 'spread', type: 'node-affinity', resources: 'vm:300', nodes: 'pve1:2,pve2', order: 1 },
      digest: expect.any(String) as string,
    });
    await centre.must('DELETE', '/cluster/ha/resources/vm:300');
    expect(await reason('GET', '/cluster/ha/rules/spread')).toBe("no such ha rule 'spread'");
  });

  test('has groups in 8, and no rules yet', async () => {
    await open('8.4.5');
    expect(await reason('GET', '/cluster/ha/rules')).toBe("Method 'GET /cluster/ha/rules' not implemented");
    expect(await reason('POST', '/cluster/ha/resources', { sid: 'vm:300', group: 'first' })).toBe(
      "HA group 'first' does not exist",
    );
    await centre.must('POST', '/cluster/ha/groups', { group: 'first', nodes: 'pve1:2,pve2', nofailback: '1' });
    await centre.must('POST', '/cluster/ha/resources', { sid: 'vm:300', group: 'first', state: 'ignored' });
    expect(await centre.must('GET', '/cluster/ha/groups/first')).toMatchObject({
      group: 'first',
      type: 'group',
      nodes: 'pve1:2,pve2',
      nofailback: 1,
    });
    expect(await reason('DELETE', '/cluster/ha/groups/first')).toBe(
      "delete ha group failed: ha group is used by service 'vm:300'",
    );
    expect(await reason('GET', '/cluster/ha/groups/none')).toBe("no such ha group 'none'");
  });

  test.each([
    ['GET', '/cluster/ha/resources/vm:999', {}, "no such resource 'vm:999'"],
    ['POST', '/cluster/ha/resources', { sid: 'vm:999' }, "resource 'vm:999' does not exist in cluster"],
    ['POST', '/cluster/ha/resources', { sid: '999' }, 'unable to detect SID from VMID - VM/CT 999 does not exist'],
    ['POST', '/cluster/ha/resources', { sid: 'vm:300', type: 'ct' }, 'types does not match'],
    ['DELETE', '/cluster/ha/resources/vm:300', {}, "cannot delete service 'vm:300', not HA managed!"],
  ])('%s %s %j fails', async (method, path, form, text) => {
    await open('9.2.6');
    expect(await reason(method, path, form)).toBe(text);
  });
});
