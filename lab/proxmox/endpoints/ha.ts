import { type Call, type Endpoint, given } from '../cluster';
import { failure } from '../errors';
import { migrateInBackground } from '../guest/migrate';
import { reconcile } from '../guest/power';
import { change, fieldsOf, migrated, shown } from '../ha-sections';
import { splitList } from '../schema/validate';
import { HA_RULES } from './ha-rules';

const SOURCE = 'pve-ha-manager src/PVE/API2/HA';

const refuseGroups = ({ cluster }: Call, what: string): void => {
  if (migrated(cluster)) throw failure(`cannot ${what}: ha groups have been migrated to rules`);
};

const groupOf = (call: Call): string => {
  const name = given(call, 'group');
  if (call.cluster.state().ha.groups[name] === undefined) throw failure(`no such ha group '${name}'`);
  return name;
};

const groups = {
  list: (call: Call) => {
    refuseGroups(call, 'index groups');
    const { groups: sections } = call.cluster.state().ha;
    return Object.keys(sections).map((name) => shown(sections, 'group', name));
  },
  read: (call: Call) => {
    refuseGroups(call, 'read group');
    return shown(call.cluster.state().ha.groups, 'group', groupOf(call));
  },
  create: (call: Call) => {
    refuseGroups(call, 'create group');
    const { groups: sections } = call.cluster.state().ha;
    const name = given(call, 'group');
    if (sections[name] !== undefined) throw failure(`create ha group failed: ha group ID '${name}' already defined`);
    sections[name] = { ...fieldsOf(call, 'group'), type: 'group' };
    return null;
  },
  update: (call: Call) => {
    refuseGroups(call, 'update group');
    change(call, call.cluster.state().ha.groups, groupOf(call), 'group');
    return null;
  },
  remove: (call: Call) => {
    refuseGroups(call, 'delete group');
    const { groups: sections, resources: used } = call.cluster.state().ha;
    const name = given(call, 'group');
    const user = Object.keys(used).find((sid) => used[sid]?.['group'] === name);
    if (user !== undefined) throw failure(`delete ha group failed: ha group is used by service '${user}'`);
    Reflect.deleteProperty(sections, name);
    return null;
  },
};

/** `100` and `vm:100` are one. @throws ApiError 500 */
const sidOf = (call: Call): string => {
  const text = given(call, 'sid');
  if (!/^\d+$/.test(text)) return text;
  if (call.cluster.guests.find(Number(text)) === undefined)
    throw failure(`unable to detect SID from VMID - VM/CT ${text} does not exist`);
  return `vm:${text}`;
};

const resourceOf = (call: Call): string => {
  const sid = sidOf(call);
  if (call.cluster.state().ha.resources[sid] === undefined) throw failure(`no such resource '${sid}'`);
  return sid;
};

/** The group that a resource is in, where there are groups. @throws ApiError 500 */
const checkGroup = ({ cluster, parameters }: Call): void => {
  const name = parameters['group'];
  if (name === undefined) return;
  if (migrated(cluster)) throw failure("invalid parameter 'group': ha groups have been migrated to rules");
  if (cluster.state().ha.groups[name] === undefined) throw failure(`HA group '${name}' does not exist`);
};

const checkType = ({ parameters }: Call, sid: string): void => {
  const { type } = parameters;
  if (type !== undefined && type !== sid.split(':')[0]) throw failure('types does not match');
};

const vmidOfSid = (sid: string): number => Number(sid.split(':')[1]);

const resources = {
  list: ({ cluster, parameters }: Call) => {
    const { resources: sections } = cluster.state().ha;
    return Object.keys(sections)
      .filter((sid) => parameters['type'] === undefined || sections[sid]?.['type'] === parameters['type'])
      .map((sid) => shown(sections, 'sid', sid));
  },
  read: (call: Call) => shown(call.cluster.state().ha.resources, 'sid', resourceOf(call)),
  create: (call: Call) => {
    const { cluster } = call;
    const sid = sidOf(call);
    checkType(call, sid);
    checkGroup(call);
    if (cluster.guests.find(vmidOfSid(sid)) === undefined) throw failure(`resource '${sid}' does not exist in cluster`);
    const { resources: sections } = cluster.state().ha;
    if (sections[sid] !== undefined) throw failure(`create resource failed: resource ID '${sid}' already defined`);
    sections[sid] = { ...fieldsOf(call, 'sid'), type: 'vm' };
    reconcile(cluster, vmidOfSid(sid));
    return null;
  },
  update: (call: Call) => {
    const { cluster } = call;
    const sid = resourceOf(call);
    checkType(call, sid);
    checkGroup(call);
    change(call, cluster.state().ha.resources, sid, 'sid');
    reconcile(cluster, vmidOfSid(sid));
    return null;
  },
  remove: (call: Call) => {
    const { cluster } = call;
    const sid = sidOf(call);
    const { ha } = cluster.state();
    if (ha.resources[sid] === undefined) throw failure(`cannot delete service '${sid}', not HA managed!`);
    Reflect.deleteProperty(ha.resources, sid);
    for (const [name, rule] of Object.entries(ha.rules)) {
      const left = splitList(rule['resources']).filter((other) => other !== sid);
      if (left.length === 0) Reflect.deleteProperty(ha.rules, name);
      else rule['resources'] = left.join(',');
    }
    return null;
  },
};

/** POST …/migrate: queued for the HA manager, which moves the VM after the answer. */
const requestMove = (call: Call): unknown => {
  const { cluster } = call;
  const sid = sidOf(call);
  const target = given(call, 'node');
  const state = cluster.state().ha.resources[sid]?.['state'];
  if (state === undefined || state === 'ignored') throw failure(`resource '${sid}' is not HA managed`);
  if (cluster.hosts.some(({ name }) => name === target)) migrateInBackground(cluster, vmidOfSid(sid), target);
  return { sid, 'requested-node': target };
};

const rows = (
  at: string,
  name: string,
  file: string,
  effects: typeof groups | typeof resources | typeof HA_RULES,
): readonly Endpoint[] => [
  { method: 'GET', path: at, effect: effects.list, source: `${SOURCE}/${file}, index` },
  { method: 'POST', path: at, effect: effects.create, source: `${SOURCE}/${file}, create` },
  { method: 'GET', path: `${at}/{${name}}`, effect: effects.read, source: `${SOURCE}/${file}, read` },
  { method: 'PUT', path: `${at}/{${name}}`, effect: effects.update, source: `${SOURCE}/${file}, update` },
  { method: 'DELETE', path: `${at}/{${name}}`, effect: effects.remove, source: `${SOURCE}/${file}, delete` },
];

/** Rules are in Proxmox' schema since 9: before, they are `not implemented` here too. */
export const HA: readonly Endpoint[] = [
  ...rows('/cluster/ha/groups', 'group', 'Groups.pm', groups),
  ...rows('/cluster/ha/resources', 'sid', 'Resources.pm', resources),
  {
    ...{ method: 'POST', path: '/cluster/ha/resources/{sid}/migrate', effect: requestMove },
    source: `${SOURCE}/Resources.pm, migrate`,
  },
  ...rows('/cluster/ha/rules', 'rule', 'Rules.pm', HA_RULES),
];
