import { type Call, type Endpoint, flag, given } from '../cluster';
import { failure } from '../errors';
import { hostSummary } from './cluster';

const SOURCE = 'pve-manager PVE/API2/Nodes.pm';

const list = (call: Call): unknown[] =>
  call.cluster.hosts.map(({ name }) => ({ ...hostSummary(call, name), ssl_fingerprint: call.cluster.fingerprint }));

const status = (call: Call): unknown => {
  const { cluster, node } = call;
  const { maxcpu, maxmem, mem, uptime } = hostSummary(call, node);
  return {
    ...{
      pveversion: `pve-manager/${cluster.version}/0123456789abcdef`,
      uptime,
      cpu: 0,
      loadavg: ['0.00', '0.00', '0.00'],
    },
    cpuinfo: { cpus: maxcpu, cores: maxcpu, sockets: 1, model: 'lab', hvm: '1' },
    memory: { total: maxmem, used: mem, free: Number(maxmem) - Number(mem) },
  };
};

/** Bridges only: all that a VM can be attached to. Listed for those who may use or audit them. */
const network = ({ cluster, user, parameters }: Call): unknown[] => {
  const { type } = parameters;
  if (type !== undefined && !['bridge', 'any_bridge', 'any_local_bridge', 'include_sdn'].includes(type)) return [];
  return cluster.bridges
    .filter((bridge) => cluster.access.mayAny(user, `/sdn/zones/localnetwork/${bridge}`, 'SDN.Audit', 'SDN.Use'))
    .map((iface, index) => ({
      iface,
      type: 'bridge',
      active: 1,
      autostart: 1,
      method: 'manual',
      method6: 'manual',
      families: ['inet'],
      priority: index + 3,
    }));
};

/** What a download would bring: a HEAD request, as the host itself would send it. */
const urlMetadata = async (call: Call): Promise<unknown> => {
  const url = given(call, 'url');
  const verify = call.parameters['verify-certificates'] === undefined || flag(call, 'verify-certificates');
  const { status: code, reason, headers } = await call.cluster.remote.head(url, verify);
  if (code !== 200) throw failure(`invalid server response: '${code} ${reason}'`);
  const disposition = headers['content-disposition'] ?? '';
  const named = /filename="([^"]*)"/.exec(disposition)?.[1] ?? /filename=([^;]*)/.exec(disposition)?.[1];
  const filename = named ?? /^[^?]+\/([^?/]*)(?:\?.*)?$/.exec(url)?.[1];
  const size = headers['content-length'];
  const type = headers['content-type']?.split(';')[0];
  return {
    ...(filename === undefined || filename === '' ? {} : { filename }),
    ...(size === undefined || size === '0' ? {} : { size: Number(size) }),
    ...(type === undefined ? {} : { mimetype: type }),
  };
};

export const NODES: readonly Endpoint[] = [
  { method: 'GET', path: '/nodes', effect: list, source: `${SOURCE}, index` },
  { method: 'GET', path: '/nodes/{node}/status', effect: status, source: `${SOURCE}, status` },
  { method: 'GET', path: '/nodes/{node}/network', effect: network, source: 'pve-manager PVE/API2/Network.pm, index' },
  {
    method: 'GET',
    path: '/nodes/{node}/query-url-metadata',
    effect: urlMetadata,
    source: `${SOURCE}, query_url_metadata`,
  },
];
