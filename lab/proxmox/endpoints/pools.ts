import { type Call, type Endpoint, flag, given } from '../cluster';
import { failure } from '../errors';
import { guestSummary } from '../guest/read';
import { splitList } from '../schema/validate';
import type { PoolState } from '../state';

const SOURCE = 'pve-manager PVE/API2/Pool.pm';

const find = (call: Call): PoolState => {
  const poolid = given(call, 'poolid');
  const pool = call.cluster.state().pools[poolid];
  if (pool === undefined) throw failure(`pool '${poolid}' does not exist`);
  return pool;
};

const read = (call: Call): Record<string, unknown> => {
  const { cluster, node, parameters } = call;
  const pool = find(call);
  const { type } = parameters;
  const vms = pool.vms.flatMap((vmid) => {
    const guest = cluster.guests.find(vmid);
    return guest === undefined ? [] : [guestSummary(cluster, guest)];
  });
  const storage = pool.storage.map((name) => ({
    id: `storage/${node}/${name}`,
    storage: name,
    node,
    type: 'storage',
    status: 'available',
  }));
  const members = [
    ...(type === undefined || type === 'qemu' ? vms : []),
    ...(type === undefined || type === 'storage' ? storage : []),
  ];
  return { poolid: given(call, 'poolid'), ...(pool.comment === undefined ? {} : { comment: pool.comment }), members };
};

const list = (call: Call): unknown[] => {
  const { cluster, user, parameters } = call;
  if (parameters['poolid'] !== undefined) return [read(call)];
  return Object.entries(cluster.state().pools)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([poolid]) => cluster.access.may(user, `/pool/${poolid}`, 'Pool.Audit'))
    .map(([poolid, { comment }]) => ({ poolid, ...(comment === undefined ? {} : { comment }) }));
};

const create = (call: Call): null => {
  const { pools } = call.cluster.state();
  const poolid = given(call, 'poolid');
  const { comment } = call.parameters;
  const [leaf = '', ...parents] = poolid.split('/').reverse();
  const parent = parents.reverse().join('/');
  if (pools[poolid] !== undefined) throw failure(`create pool failed: pool '${poolid}' already exists`);
  if (parent !== '' && pools[parent] === undefined)
    throw failure(`create pool failed: parent '${parent}' of pool '${poolid}' does not exist`);
  if (!/^[A-Za-z]/.test(leaf)) throw failure('create pool failed: pool name must start with a letter');
  pools[poolid] = { vms: [], storage: [], ...(comment === undefined || comment === '' ? {} : { comment }) };
  return null;
};

const changeVm = (call: Call, pool: PoolState, vmid: number): void => {
  const { cluster, user } = call;
  cluster.access.checkModify(user, `/vms/${vmid}`);
  const member = pool.vms.includes(vmid);
  if (flag(call, 'delete')) {
    if (!member) throw failure(`update pools failed: VM ${vmid} is not a pool member`);
    pool.vms = pool.vms.filter((other) => other !== vmid);
    return;
  }
  if (member) throw failure(`update pools failed: VM ${vmid} is already a pool member`);
  const [holder, held] = Object.entries(cluster.state().pools).find(([, { vms }]) => vms.includes(vmid)) ?? [];
  if (held !== undefined) {
    if (!flag(call, 'allow-move')) {
      throw failure(
        `update pools failed: VM ${vmid} belongs already to pool '${holder ?? ''}' and 'allow-move' is not set`,
      );
    }
    cluster.access.check(user, `/pool/${holder ?? ''}`, 'Pool.Allocate');
    held.vms = held.vms.filter((other) => other !== vmid);
  }
  pool.vms = [...pool.vms, vmid].sort((a, b) => a - b);
};

const changeStorage = (call: Call, pool: PoolState, name: string): void => {
  call.cluster.access.checkModify(call.user, `/storage/${name}`);
  const member = pool.storage.includes(name);
  if (flag(call, 'delete') !== member) {
    throw failure(`update pools failed: Storage '${name}' is ${member ? 'already' : 'not'} a pool member`);
  }
  pool.storage = member ? pool.storage.filter((other) => other !== name) : [...pool.storage, name].sort();
};

const update = (call: Call): null => {
  const pool = find(call);
  const { comment, vms, storage } = call.parameters;
  for (const vmid of splitList(vms)) changeVm(call, pool, Number(vmid));
  for (const name of splitList(storage)) changeStorage(call, pool, name);
  if (comment !== undefined) pool.comment = comment;
  return null;
};

const remove = (call: Call): null => {
  const { cluster } = call;
  const poolid = given(call, 'poolid');
  const { vms, storage } = find(call);
  const vmid = vms.find((member) => cluster.guests.find(member) !== undefined);
  const below = Object.keys(cluster.state().pools).find((other) => other.startsWith(`${poolid}/`));
  const holds =
    below !== undefined
      ? `pool '${below}'`
      : vmid !== undefined
        ? `VM ${vmid}`
        : storage[0] === undefined
          ? undefined
          : `storage '${storage[0]}'`;
  if (holds !== undefined) throw failure(`delete pool failed: pool '${poolid}' is not empty (contains ${holds})`);
  Reflect.deleteProperty(cluster.state().pools, poolid);
  cluster.access.forget(`/pool/${poolid}`);
  return null;
};

export const POOLS: readonly Endpoint[] = [
  { method: 'GET', path: '/pools', effect: list, source: `${SOURCE}, index` },
  { method: 'POST', path: '/pools', effect: create, source: `${SOURCE}, create_pool` },
  { method: 'PUT', path: '/pools', effect: update, source: `${SOURCE}, update_pool` },
  { method: 'DELETE', path: '/pools', effect: remove, source: `${SOURCE}, delete_pool` },
  { method: 'GET', path: '/pools/{poolid}', effect: read, source: `${SOURCE}, read_pool` },
  { method: 'PUT', path: '/pools/{poolid}', effect: update, source: `${SOURCE}, update_pool_deprecated` },
  { method: 'DELETE', path: '/pools/{poolid}', effect: remove, source: `${SOURCE}, delete_pool_deprecated` },
];
