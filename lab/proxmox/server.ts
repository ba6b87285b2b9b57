import { randomBytes, X509Certificate } from 'node:crypto';
import { systemClock } from '../durations/clock';
import { PROFILES } from '../durations/durations';
import { AccessControl } from './access/access-control';
import { Authentication } from './access/authentication';
import { Api } from './api';
import type { Cluster } from './cluster';
import { Faults } from './faults';
import { Guests } from './guest/guests';
import { closed, httpsServer, listen } from './http';
import type { Proxmox, ProxmoxOptions } from './proxmox';
import { loadSchema, majorOf } from './schema/schema';
import { snapshotOf } from './snapshot';
import { type ClusterState, emptyState, type PoolState } from './state';
import { remoteFiles } from './storage/remote-files';
import { Storages } from './storage/storages';
import { Tasks } from './tasks';

/** A refused authentication is answered late: pve-http-server AnyEvent.pm; not in the instant profile. */
const REFUSAL_MS = 3000;
const stateOf = ({ state, pools = [] }: ProxmoxOptions): ClusterState => {
  if (state !== undefined) return structuredClone(state);
  const empty = (): PoolState => ({ vms: [], storage: [] });
  return { ...emptyState(), pools: Object.fromEntries(pools.map((name) => [name, empty()])) };
};

/**
 * A Proxmox VE cluster as its API shows it: for the lab and its tests, with as many VMs as the hypervisor
 * bears. It will never restore backups, take snapshots, open consoles or manage Ceph.
 */
export const startProxmox = async (options: ProxmoxOptions): Promise<Proxmox> => {
  const {
    hosts,
    version = '9.2.6',
    hypervisor,
    clock = systemClock,
    durations = PROFILES.instant,
    log = () => undefined,
  } = options;
  const { users = [], tokens = [] } = options;
  const major = majorOf(version);
  const held = { state: stateOf(options) };
  const state = (): ClusterState => held.state;
  const offline = new Set<string>();
  const principals = [...users, ...tokens.map(({ user, tokenId, ...rest }) => ({ id: `${user}!${tokenId}`, ...rest }))];
  const cluster: Cluster = {
    ...{
      version,
      major,
      schema: loadSchema(major),
      hosts,
      offline,
      bridges: options.bridges,
      pciMappings: options.pciMappings ?? [],
      state,
      hypervisor,
      clock,
    },
    access: new AccessControl(major, principals, () => state().pools),
    authentication: new Authentication(major, users, tokens, () => clock.now()),
    storages: new Storages(options.storages, state, () => clock.now()),
    guests: new Guests(state, clock),
    tasks: new Tasks(state, clock, durations, log),
    faults: new Faults(options.faults),
    remote: options.remote ?? remoteFiles(options.trusted ?? []),
    randomBytes: options.randomBytes ?? ((count) => randomBytes(count)),
    fingerprint: new X509Certificate(options.tls.cert).fingerprint256,
  };
  const api = new Api(cluster);
  hypervisor.onPowerOff((vmid) => log(`VM ${vmid} powered itself off`));

  const server = (entry: string) =>
    httpsServer({
      ...{ tls: options.tls, now: () => clock.now(), log },
      answer: async (request) => {
        const response = await api.answer(request, entry);
        if (response.status === 401 && durations !== PROFILES.instant) await clock.sleep(REFUSAL_MS);
        return response;
      },
    });

  const first = hosts[0];
  if (first === undefined) throw new Error('a Proxmox cluster has at least one host: hosts is empty');
  const main = server(first.name);
  const servers = [main];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(({ server: open, sockets }) => closed(open, sockets)));
    await cluster.tasks.stopAll();
  };
  const port = await listen(main.server, options.listen.host, options.listen.port);
  for (const { name, address } of hosts.filter((host) => host.listen === true)) {
    const own = server(name);
    try {
      await listen(own.server, address, port);
    } catch (error) {
      await close();
      throw error;
    }
    servers.push(own);
  }
  return {
    url: `https://${options.listen.host}:${port}`,
    requests: api.requests,
    faults: cluster.faults,
    snapshot: () => snapshotOf(cluster),
    save: () => structuredClone(state()),
    load: (saved) => {
      const running = cluster.guests.all().find(({ vmid }) => hypervisor.isRunning(vmid));
      if (running !== undefined)
        throw new Error(`VM ${running.vmid} is running: stop all VMs before a state is loaded`);
      held.state = structuredClone(saved);
    },
    setOnline: (host, online) => {
      if (online) offline.delete(host);
      else offline.add(host);
    },
    inject: (request) => api.answer(request, first.name),
    idle: () => cluster.tasks.idle(),
    close,
  };
};
