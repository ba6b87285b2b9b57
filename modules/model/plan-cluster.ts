import { Cidr } from './addresses';
import type {
  AirGapPlan,
  AnnouncementsPlan,
  ClusterPlan,
  NodePlan,
  NodePoolPlan,
  NodeRole,
  PlatformPlan,
  ProxmoxPlan,
  TailscalePlan,
  TalosPlan,
} from './cluster-plan';
import { expandPool, nodeNames } from './expand-pool';
import { placeNodes, type PlacementRecord } from './placement';
import { mirrorsAt, PUBLIC_REGISTRIES } from './registries';
import { NODE_POOL_DEFAULTS, PUBLIC_SOURCES } from './spec-defaults';
import type { ParsedClusterSpec, ParsedNodePool } from './spec-schema';

/** Where the API server of a control plane listens, and so the port at the VIP, which has nothing in between. */
const API_PORT = 6443;
const ROLES: readonly NodeRole[] = ['controlplane', 'worker'];

/**
 * The plan of a spec: the same spec and record give an equal plan. Whether it can be is up to `checkPlan`.
 * @param record hosts that were chosen before
 */
export const planCluster = (spec: ParsedClusterSpec, record: PlacementRecord = {}): ClusterPlan => {
  const { name, network, vip, proxmox, flux, versions, airGap } = spec;
  const failureDomains = domainsOf(proxmox);
  const pools = ROLES.flatMap((role) => Object.entries(spec.nodePools).filter(([, pool]) => pool.role === role));
  // Control planes come first, so that two pools of them are spread as one.
  const unplaced = pools.flatMap(([pool, poolSpec]) =>
    expandPool(pool, countOf(poolSpec), poolSpec, { proxmox, patches: spec.talos.patches }),
  );
  const placed = placeNodes(
    unplaced,
    proxmox.hosts,
    record,
    (host) => failureDomains[host] ?? host,
    (node) => proxmox.hosts.filter((host) => proxmox.arm64Hosts.includes(host) === (node.architecture === 'arm64')),
  );
  const nodes = unplaced.flatMap((node, position): NodePlan[] => {
    const place = placed[position];
    return place === undefined ? [] : [{ ...node, ...place }];
  });
  return {
    name,
    stack: name === 'infrastructure' ? name : `infrastructure-${name}`,
    network: {
      cidr: network.cidr,
      gateway: network.gateway,
      nameServers: network.nameServers,
      timeServers: network.timeServers ?? airGap?.timeServers ?? PUBLIC_SOURCES.timeServers,
    },
    podCidr: network.podCidr,
    serviceCidr: network.serviceCidr,
    endpoint: {
      vip: vip.address,
      port: API_PORT,
      url: `https://${vip.address.toString()}:${API_PORT}`,
      provider: vip.provider,
    },
    loadBalancerPools: Object.entries(spec.loadBalancerPools).map(([pool, { range, autoAssign }]) => ({
      name: pool,
      range,
      autoAssign,
    })),
    announcements: planAnnouncements(spec.announcements),
    cilium: spec.cilium,
    proxmox: planProxmox(proxmox, `groundwork-${name}`),
    images: { ...spec.images, factory: spec.images.factory ?? airGap?.factory ?? PUBLIC_SOURCES.factory },
    discovery: spec.talos.discovery,
    talos: planTalos(spec),
    ...(spec.tailscale.enabled && { tailscale: planTailscale(spec) }),
    versions: { ...versions, talosContract: spec.talos.contract },
    state: spec.state,
    flux: {
      ...flux,
      path: flux.path ?? `./platform/rendered/${name}`,
      sops: flux.sops || spec.platform.secrets === 'sops',
      access: flux.access ?? (flux.repository.startsWith('ssh:') ? 'deploy-key' : 'public'),
    },
    platform: planPlatform(spec.platform),
    ...(airGap !== undefined && { airGap: planAirGap(airGap) }),
    nodes,
    nodePools: pools.map(([pool, poolSpec]) => describePool(pool, poolSpec)),
    schedulableControlPlanes: nodes.every(({ role }) => role === 'controlplane'),
  };
};

const planAnnouncements = ({ localAsn, ...announcements }: ParsedClusterSpec['announcements']): AnnouncementsPlan => ({
  ...announcements,
  ...(localAsn !== undefined && { localAsn }),
});

const planTalos = ({ talos: { discoveryService, ...talos }, airGap }: ParsedClusterSpec): TalosPlan => {
  const { extensions, sysctls, kernelModules, trustedCertificates, diskEncryption, secureBoot } = talos;
  const mirrored = airGap?.registry === undefined ? {} : mirrorsAt(airGap.registry, PUBLIC_REGISTRIES);
  return {
    ...(discoveryService !== undefined && { discoveryService }),
    ...{ extensions, sysctls, kernelModules, trustedCertificates, diskEncryption, secureBoot },
    registryMirrors: { ...mirrored, ...talos.registryMirrors },
  };
};

const planAirGap = ({ charts, git }: NonNullable<ParsedClusterSpec['airGap']>): AirGapPlan => ({
  ...(charts !== undefined && { charts }),
  ...(git !== undefined && { git }),
});

/** Pools whose addresses are reached through the tailnet: what a proxy outside forwards to. */
const ADVERTISED_POOLS = ['ingress', 'dns'];

const planTailscale = ({ tailscale, loadBalancerPools }: ParsedClusterSpec): TailscalePlan => {
  const { credential, loginServer, tags, routes, acceptRoutes } = tailscale;
  const ofPools = Object.entries(loadBalancerPools)
    .filter(([name]) => ADVERTISED_POOLS.includes(name))
    .flatMap(([, { range }]) => Array.from({ length: range.size }, (_, index) => range.first.plus(index)))
    .map((address) => Cidr.parse(`${address.toString()}/32`));
  return {
    credential,
    ...(loginServer !== undefined && { loginServer }),
    tags,
    routes: [...ofPools, ...routes],
    acceptRoutes,
  };
};

const planPlatform = ({ domain, publicAddress, ...platform }: ParsedClusterSpec['platform']): PlatformPlan => ({
  ...platform,
  ...(domain !== undefined && { domain }),
  ...(publicAddress !== undefined && { publicAddress }),
});

const planProxmox = ({ pool, ...proxmox }: ParsedClusterSpec['proxmox'], tag: string): ProxmoxPlan => ({
  ...proxmox,
  failureDomains: domainsOf(proxmox),
  ...(pool !== undefined && { pool }),
  tag,
});

const countOf = ({ role, count = NODE_POOL_DEFAULTS[role].count }: ParsedNodePool): number => count;

const describePool = (name: string, spec: ParsedNodePool): NodePoolPlan => ({
  name,
  role: spec.role,
  count: countOf(spec),
  firstAddress: spec.firstAddress,
  ...(spec.lastAddress !== undefined && { lastAddress: spec.lastAddress }),
  strangers: Object.keys(spec.nodes).filter((node) => !nodeNames(name, countOf(spec)).includes(node)),
});

/** Each host once, where the spec names it in two domains: that is an issue of its own. */
const domainsOf = ({
  hosts,
  failureDomains,
}: Pick<ParsedClusterSpec['proxmox'], 'hosts' | 'failureDomains'>): Record<string, string> =>
  Object.fromEntries([
    ...hosts.map((host) => [host, host] as const),
    ...Object.entries(failureDomains).flatMap(([domain, members]) => members.map((host) => [host, domain] as const)),
  ]);
