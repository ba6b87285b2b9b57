import type { Major } from '../schema/schema';

interface Group {
  readonly root?: readonly string[];
  readonly admin?: readonly string[];
  readonly user?: readonly string[];
  readonly audit?: readonly string[];
}

const CONFIG = ['Disk', 'CPU', 'Memory', 'Network', 'HWType', 'Options'].map((name) => `VM.Config.${name}`);
const SNAPSHOT = ['VM.Snapshot', 'VM.Snapshot.Rollback'];

/** Privileges by group: pve-access-control src/PVE/AccessControl.pm, $privgroups. */
const groups = (major: Major): Readonly<Record<string, Group>> => ({
  VM: {
    admin:
      major === 9
        ? [
            ...CONFIG,
            'VM.Allocate',
            'VM.Clone',
            'VM.GuestAgent.Unrestricted',
            'VM.Migrate',
            'VM.Replicate',
            ...SNAPSHOT,
          ]
        : [...CONFIG, 'VM.Allocate', 'VM.Clone', 'VM.Migrate', 'VM.Monitor', ...SNAPSHOT],
    user: [
      ...['VM.Config.CDROM', 'VM.Config.Cloudinit', 'VM.Console', 'VM.Backup', 'VM.PowerMgmt'],
      ...(major === 9 ? ['FileRead', 'FileSystemMgmt', 'FileWrite'].map((name) => `VM.GuestAgent.${name}`) : []),
    ],
    audit: ['VM.Audit', ...(major === 9 ? ['VM.GuestAgent.Audit'] : [])],
  },
  Sys: {
    root: ['Sys.PowerMgmt', 'Sys.Modify', 'Sys.Incoming', 'Sys.AccessNetwork'],
    admin: ['Sys.Console', 'Sys.Syslog'],
    audit: ['Sys.Audit'],
  },
  Datastore: {
    admin: ['Datastore.Allocate', 'Datastore.AllocateTemplate'],
    user: ['Datastore.AllocateSpace'],
    audit: ['Datastore.Audit'],
  },
  SDN: { admin: ['SDN.Allocate', 'SDN.Audit'], user: ['SDN.Use'], audit: ['SDN.Audit'] },
  User: { root: ['Realm.Allocate'], admin: ['User.Modify', 'Group.Allocate', 'Realm.AllocateUser'] },
  Pool: { admin: ['Pool.Allocate'], user: ['Pool.Audit'], audit: ['Pool.Audit'] },
  Mapping: { admin: ['Mapping.Modify'], user: ['Mapping.Use'], audit: ['Mapping.Audit'] },
});

/** Every privilege that this version knows. */
export const privilegesOf = (major: Major): ReadonlySet<string> =>
  new Set([
    'Permissions.Modify',
    ...Object.values(groups(major)).flatMap(({ root = [], admin = [], user = [], audit = [] }) => [
      ...root,
      ...admin,
      ...user,
      ...audit,
    ]),
  ]);

/** The roles that come with Proxmox, each with its privileges: create_roles, ibid. */
export const builtInRoles = (major: Major): Readonly<Record<string, readonly string[]>> => {
  const roles: Record<string, Set<string>> = {
    NoAccess: new Set(),
    Administrator: new Set(privilegesOf(major)),
    PVETemplateUser: new Set(['VM.Clone', 'VM.Audit']),
  };
  const grant = (role: string, privileges: readonly string[]): void => {
    const set = (roles[role] ??= new Set());
    for (const privilege of privileges) set.add(privilege);
  };
  for (const [name, { admin = [], user = [], audit = [] }] of Object.entries(groups(major))) {
    grant(`PVE${name}Admin`, [...admin, ...user, ...audit]);
    grant('PVEAdmin', [...admin, ...user, ...audit]);
    if (user.length > 0) grant(`PVE${name}User`, [...user, ...audit]);
    grant('PVEAuditor', audit);
  }
  roles['PVEAdmin']?.delete('Mapping.Modify');
  return Object.fromEntries(Object.entries(roles).map(([name, set]) => [name, [...set].sort()]));
};
