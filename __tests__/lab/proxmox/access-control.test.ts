import { AccessControl, type Principal } from '../../../lab/proxmox/access/access-control';
import { builtInRoles, privilegesOf } from '../../../lab/proxmox/access/privileges';

const POOLS = { talos: { vms: [200], storage: ['nas'] } };
const control = (...principals: Principal[]): AccessControl => new AccessControl(9, principals, () => POOLS);
const refusal = (action: () => void): string => {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return 'allowed';
};

describe('access control', () => {
  test('an entry holds below its path', () => {
    const access = control({ id: 'a@pve', acl: [{ path: '/vms', role: ['VM.Audit'] }] });
    expect(access.may('a@pve', '/vms/200', 'VM.Audit')).toBe(true);
    expect(access.may('a@pve', '/storage/local', 'VM.Audit')).toBe(false);
  });

  test('an entry that does not propagate holds at its path alone', () => {
    const access = control({ id: 'a@pve', acl: [{ path: '/vms', role: ['VM.Audit'], propagate: false }] });
    expect(access.may('a@pve', '/vms', 'VM.Audit')).toBe(true);
    expect(access.may('a@pve', '/vms/200', 'VM.Audit')).toBe(false);
  });

  test('a nearer entry replaces what was granted above it', () => {
    const acl = [
      { path: '/', role: 'Administrator' },
      { path: '/vms/300', role: ['VM.Audit'] },
    ];
    const access = control({ id: 'a@pve', acl });
    expect(access.may('a@pve', '/vms/201', 'VM.Allocate')).toBe(true);
    expect(access.may('a@pve', '/vms/300', 'VM.Allocate')).toBe(false);
    expect(access.may('a@pve', '/vms/300', 'VM.Audit')).toBe(true);
  });

  test('NoAccess takes all', () => {
    const access = control({
      id: 'a@pve',
      acl: [
        { path: '/', role: 'Administrator' },
        { path: '/vms/200', role: 'NoAccess' },
      ],
    });
    expect(access.may('a@pve', '/vms/200', 'VM.Audit')).toBe(false);
  });

  test('the entries of a pool hold for its members', () => {
    const access = control({
      id: 'a@pve',
      acl: [{ path: '/pool/talos', role: ['VM.Allocate', 'Datastore.AllocateSpace'] }],
    });
    expect(access.may('a@pve', '/vms/200', 'VM.Allocate')).toBe(true);
    expect(access.may('a@pve', '/storage/nas', 'Datastore.AllocateSpace')).toBe(true);
    expect(access.may('a@pve', '/vms/201', 'VM.Allocate')).toBe(false);
  });

  test('a token has what both it and its user may', () => {
    const access = control(
      { id: 'a@pve', acl: [{ path: '/vms', role: ['VM.Audit'] }] },
      { id: 'a@pve!t', acl: [{ path: '/vms', role: ['VM.Audit', 'VM.Allocate'] }] },
      { id: 'a@pve!all', privilegeSeparation: false },
    );
    expect(access.may('a@pve!t', '/vms/200', 'VM.Audit')).toBe(true);
    expect(access.may('a@pve!t', '/vms/200', 'VM.Allocate')).toBe(false);
    expect(access.may('a@pve!all', '/vms/200', 'VM.Audit')).toBe(true);
  });

  test('a refusal names the path and what is missing there', () => {
    const access = control({ id: 'a@pve' });
    expect(refusal(() => access.check('a@pve', '/vms/200', 'VM.Audit', 'VM.Allocate'))).toBe(
      'Permission check failed (/vms/200, VM.Audit)',
    );
    expect(refusal(() => access.checkAny('a@pve', '/vms/200', 'VM.Audit', 'VM.Allocate'))).toBe(
      'Permission check failed (/vms/200, VM.Audit|VM.Allocate)',
    );
    expect(refusal(() => access.checkVm('a@pve', 200, 'talos', 'VM.Audit'))).toBe(
      'Permission check failed (/vms/200, VM.Audit)',
    );
  });

  test('an expression of the schema is evaluated with the parameters of the call', () => {
    const access = control({ id: 'a@pve', acl: [{ path: '/nodes/pve1', role: ['Sys.AccessNetwork'] }] });
    const check = [
      'or',
      ['perm', '/', ['Sys.Audit', 'Sys.Modify']],
      ['perm', '/nodes/{node}', ['Sys.AccessNetwork']],
    ] as const;
    expect(refusal(() => access.evaluate(check, 'a@pve', { node: 'pve1' }))).toBe('allowed');
    expect(refusal(() => access.evaluate(check, 'a@pve', { node: 'pve2' }))).toBe('Permission check failed');
  });

  test('effective permissions are listed by path', () => {
    const access = control({ id: 'a@pve', acl: [{ path: '/vms', role: ['VM.Audit'] }] });
    expect(access.effective('a@pve')).toEqual({ '/vms': { 'VM.Audit': 1 }, '/vms/200': { 'VM.Audit': 1 } });
  });

  test('entries on a VM are forgotten with it', () => {
    const access = control({ id: 'a@pve', acl: [{ path: '/vms/200', role: ['VM.Audit'] }] });
    access.forget('/vms/200');
    expect(access.may('a@pve', '/vms/200', 'VM.Audit')).toBe(false);
  });

  test.each([
    [['VM.Fly'], "invalid privilege 'VM.Fly'"],
    ['Pilot', "role 'Pilot' does not exist"],
  ])('fails for %s', (role, text) => {
    expect(() => control({ id: 'a@pve', acl: [{ path: '/', role }] })).toThrow(text);
  });

  test('guest agent privileges are of 9, VM.Monitor is of 8', () => {
    expect([privilegesOf(9).has('VM.GuestAgent.Audit'), privilegesOf(9).has('VM.Monitor')]).toEqual([true, false]);
    expect([privilegesOf(8).has('VM.GuestAgent.Audit'), privilegesOf(8).has('VM.Monitor')]).toEqual([false, true]);
  });

  test('roles that come with Proxmox', () => {
    expect(builtInRoles(9)['PVEDatastoreUser']).toEqual(['Datastore.AllocateSpace', 'Datastore.Audit']);
    expect(builtInRoles(9)['PVEAdmin']).not.toContain('Sys.Modify');
  });
});
