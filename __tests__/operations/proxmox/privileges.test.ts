import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AclEntry } from '../../../lab/proxmox/access/access-control';
import { privilegesOf } from '../../../lab/proxmox/access/privileges';
import pve8 from '../../../lab/proxmox/schema/pve-8.json';
import pve9 from '../../../lab/proxmox/schema/pve-9.json';
import { readSite } from '../../../lab/site/read-site';
import { accessList } from '../../../lab/world/access-list';
import {
  grantsFor,
  PRIVILEGE_NEEDS,
  privilegesAt,
  type Grant,
  type Places,
} from '../../../operations/proxmox/privileges';
import { examplePlan } from '../../setup/example-plan';
import { synthesized } from '../../stacks/synthesized';

const PLACES: Places = {
  imageStorages: ['local'],
  diskStorages: ['local-lvm'],
  hosts: ['atlas'],
  bridges: ['vmbr0'],
};

/** Privileges by path, entries at one path put together. */
const byPath = (entries: readonly { path: string; privileges: readonly string[] }[]): Record<string, string[]> => {
  const union: Record<string, string[]> = {};
  for (const { path, privileges } of entries) {
    union[path] = [...new Set([...(union[path] ?? []), ...privileges])].sort();
  }
  return union;
};
const ofGrants = (grants: readonly Grant[]): Record<string, string[]> => byPath(grants);
const ofLab = (list: readonly AclEntry[]): Record<string, string[]> =>
  byPath(list.map(({ path, role }) => ({ path, privileges: role as readonly string[] })));

const SCHEMAS = { 8: pve8, 9: pve9 } as const;

describe('O-6 privileges', () => {
  test('of a cluster on one host', () => {
    expect(ofGrants(grantsFor(PLACES, 9))).toEqual({
      '/storage/local': ['Datastore.Allocate', 'Datastore.AllocateTemplate', 'Datastore.Audit'],
      '/storage/local-lvm': ['Datastore.AllocateSpace', 'Datastore.Audit'],
      '/nodes/atlas': ['Sys.AccessNetwork'],
      '/vms': [
        'VM.Allocate',
        'VM.Audit',
        'VM.Config.CPU',
        'VM.Config.Disk',
        'VM.Config.HWType',
        'VM.Config.Memory',
        'VM.Config.Network',
        'VM.Config.Options',
        'VM.PowerMgmt',
      ],
      '/sdn/zones/localnetwork/vmbr0': ['SDN.Use'],
    });
  });

  test('8 and 9 ask for the same, as nobody waits for the agent', () => {
    expect(grantsFor(PLACES, 8)).toEqual(grantsFor(PLACES, 9));
    expect(privilegesAt('virtual-machines', ['agent-wait'], 8)).toEqual(['VM.Monitor']);
    expect(privilegesAt('virtual-machines', ['agent-wait'], 9)).toEqual(['VM.GuestAgent.Audit']);
  });

  test('in a pool they hold there, and at /vms that of tags alone', () => {
    const grants = ofGrants(grantsFor({ ...PLACES, pools: ['talos'] }, 9));
    expect(grants['/vms']).toEqual(['VM.Config.Options']);
    expect(grants['/pool/talos']).toEqual([
      'Pool.Audit',
      'VM.Allocate',
      'VM.Audit',
      'VM.Config.CPU',
      'VM.Config.Disk',
      'VM.Config.HWType',
      'VM.Config.Memory',
      'VM.Config.Network',
      'VM.Config.Options',
      'VM.PowerMgmt',
    ]);
  });

  test.each([
    ['one host', { hosts: ['atlas'] }, {}],
    ['two hosts', { hosts: ['atlas', 'boreas'] }, { '/': ['Sys.Audit'] }],
    [
      'two hosts and high availability',
      { hosts: ['atlas', 'boreas'], causes: ['ha'] },
      { '/': ['Sys.Audit', 'Sys.Console'] },
    ],
    ['an order of starts', { hosts: ['atlas'], causes: ['start-order'] }, { '/': ['Sys.Modify'] }],
    ['a pool', { hosts: ['atlas'], pools: ['talos'] }, { '/vms': ['VM.Config.Options'] }],
  ] as const)(
    "the lab's token has exactly these: %s",
    (_, places: Pick<Places, 'hosts' | 'pools' | 'causes'>, some) => {
      const { hosts, pools: [pool] = [] } = places;
      const plan = examplePlan();
      const highAvailability = places.causes?.includes('ha') === true;
      const nodes = plan.nodes.map((node, index) => ({
        ...{ ...node, highAvailability, ...(places.causes?.includes('start-order') === true && { startOrder: 1 }) },
        host: hosts[index % hosts.length] ?? '',
      }));
      const proxmox = { ...plan.proxmox, hosts, ...(pool === undefined ? {} : { pool }) };
      const lab = ofLab(accessList(readSite('infrastructure', synthesized({ ...plan, nodes, proxmox }))));
      expect(lab).toEqual(ofGrants(grantsFor({ ...PLACES, ...places }, 9)));
      expect(lab).toMatchObject(some);
    },
  );

  test.each([8, 9] as const)('every privilege and every call is known to Proxmox VE %i', (major) => {
    const rows = PRIVILEGE_NEEDS.filter(({ since = 8, until = 9 }) => since <= major && major <= until);
    expect(rows.map(({ privilege }) => privilege).filter((name) => !privilegesOf(major).has(name))).toEqual([]);
    const calls = new Set(Object.keys(SCHEMAS[major].methods));
    expect(rows.map(({ endpoint }) => endpoint).filter((call) => !calls.has(call))).toEqual([]);
  });

  test('docs/BOOTSTRAP.md makes exactly these roles and entries', () => {
    const text = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'BOOTSTRAP.md'), 'utf8');
    const lines = text.split('\n').filter((line) => /^pveum (role add|acl modify) /.test(line));
    const grants = grantsFor(PLACES, 9);
    expect(lines).toEqual([
      ...grants.map(({ role, privileges }) => `pveum role add ${role} --privs "${privileges.join(',')}"`),
      ...grants.map(({ path, role }) => `pveum acl modify ${path} --users terraform@pve --roles ${role}`),
    ]);
  });
});
