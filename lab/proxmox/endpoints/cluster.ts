import type { Call, Endpoint } from '../cluster';
import { badParameters, failure } from '../errors';
import { memoryOf } from '../guest/hardware';
import { guestSummary } from '../guest/read';

const SOURCE = 'pve-manager PVE/API2/Cluster.pm';
/** Ids that are given out: 100 up to a million, ibid. nextid. */
const IDS = { lower: 100, upper: 1_000_000 } as const;

const nextId = ({ cluster, parameters }: Call): string => {
  const asked = parameters['vmid'];
  if (asked !== undefined) {
    if (cluster.guests.find(Number(asked)) === undefined) return asked;
    throw badParameters({ vmid: `VM ${asked} already exists` });
  }
  for (let vmid: number = IDS.lower; vmid < IDS.upper; vmid += 1)
    if (cluster.guests.find(vmid) === undefined) return String(vmid);
  throw failure(`unable to get any free VMID in range [${IDS.lower}, ${IDS.upper}]`);
};

/** Numbers of a host are for those who may audit it: extract_node_stats, ibid. */
export const hostSummary = ({ cluster, user }: Call, name: string): Record<string, unknown> => {
  const host = cluster.hosts.find((candidate) => candidate.name === name);
  const online = !cluster.offline.has(name);
  const basics = { id: `node/${name}`, node: name, type: 'node', status: online ? 'online' : 'offline', level: '' };
  if (!online || !cluster.access.may(user, `/nodes/${name}`, 'Sys.Audit')) return basics;
  const maxmem = (host?.memoryMiB ?? 65_536) * 1024 ** 2;
  const guests = cluster.guests.all().filter(({ node, vmid }) => node === name && cluster.hypervisor.isRunning(vmid));
  const mem = guests.reduce((sum, { config }) => sum + memoryOf(config) * 1024 ** 2, 0);
  return {
    ...basics,
    maxcpu: host?.cores ?? 16,
    cpu: 0,
    maxmem,
    mem,
    maxdisk: 0,
    disk: 0,
    uptime: Math.floor(cluster.clock.now() / 1000) % 31_536_000,
  };
};

const guests = ({ cluster, user }: Call): unknown[] =>
  cluster.guests
    .all()
    .filter(({ vmid }) => cluster.access.may(user, `/vms/${vmid}`, 'VM.Audit'))
    .map((guest) => {
      const { lock, tags } = guest.config;
      const pool = Object.entries(cluster.state().pools).find(([, { vms }]) => vms.includes(guest.vmid))?.[0];
      const hastate = cluster.state().ha.resources[`vm:${guest.vmid}`]?.['state'];
      return {
        ...guestSummary(cluster, guest),
        ...(lock === undefined ? {} : { lock }),
        ...(tags === undefined ? {} : { tags }),
        ...(hastate === undefined ? {} : { hastate }),
        ...(pool !== undefined && cluster.access.may(user, `/pool/${pool}`, 'Pool.Audit') ? { pool } : {}),
      };
    });

const pools = ({ cluster, user }: Call): unknown[] =>
  Object.keys(cluster.state().pools)
    .sort()
    .filter((pool) => cluster.access.may(user, `/pool/${pool}`, 'Pool.Audit'))
    .map((pool) => ({ id: `/pool/${pool}`, pool, type: 'pool' }));

const storages = ({ cluster, user }: Call): unknown[] =>
  cluster.storages
    .all()
    .filter(({ name }) => cluster.access.may(user, `/storage/${name}`, 'Datastore.Audit'))
    .flatMap((storage) =>
      cluster.hosts.map(({ name: node }) => ({
        ...{ id: `storage/${node}/${storage.name}`, storage: storage.name, node, type: 'storage', status: 'available' },
        ...{ plugintype: storage.type, content: storage.content.join(','), shared: storage.shared ? 1 : 0 },
        ...{ maxdisk: storage.sizeBytes, disk: cluster.storages.used(storage, node) },
      })),
    );

const zones = ({ cluster, user }: Call): unknown[] =>
  cluster.access.may(user, '/sdn/zones/localnetwork', 'SDN.Audit')
    ? cluster.hosts.map(({ name: node }) => ({
        id: `sdn/${node}/localnetwork`,
        sdn: 'localnetwork',
        node,
        type: 'sdn',
        status: 'ok',
      }))
    : [];

const resources = (call: Call): unknown[] => {
  const { type } = call.parameters;
  const kinds: Readonly<Record<string, () => unknown[]>> = {
    pool: () => pools(call),
    vm: () => guests(call),
    node: () => call.cluster.hosts.map(({ name }) => hostSummary(call, name)),
    storage: () => storages(call),
    sdn: () => zones(call),
  };
  return type === undefined ? Object.values(kinds).flatMap((kind) => kind()) : (kinds[type]?.() ?? []);
};

const status = ({ cluster, node }: Call): unknown[] => [
  {
    type: 'cluster',
    id: 'cluster',
    name: 'lab',
    nodes: cluster.hosts.length,
    quorate: 1,
    version: cluster.hosts.length,
  },
  ...cluster.hosts.map(({ name, address }, index) => ({
    ...{ type: 'node', id: `node/${name}`, name, ip: address, nodeid: index + 1, level: '' },
    ...{ online: cluster.offline.has(name) ? 0 : 1, local: name === node ? 1 : 0 },
  })),
];

const version = ({ cluster }: Call): unknown => ({
  version: cluster.version,
  release: cluster.version.split('.').slice(0, 2).join('.'),
  repoid: '0123456789abcdef',
});

export const CLUSTER: readonly Endpoint[] = [
  { method: 'GET', path: '/version', effect: version, source: 'pve-manager PVE/API2.pm, version' },
  { method: 'GET', path: '/cluster/nextid', effect: nextId, source: `${SOURCE}, nextid` },
  { method: 'GET', path: '/cluster/resources', effect: resources, source: `${SOURCE}, resources` },
  { method: 'GET', path: '/cluster/status', effect: status, source: `${SOURCE}, get_status` },
];
