import type { DiskPlan, MachineConfigPatch, NetworkCardPlan, NodePlan, PatchPlan } from './cluster-plan';
import { NODE_POOL_DEFAULTS } from './spec-defaults';
import type { ParsedClusterSpec, ParsedNetworkCard, ParsedNode, ParsedNodePool } from './spec-schema';

/** A node that has no host yet, but for the one that its spec gives. */
export type UnplacedNode = Omit<NodePlan, 'host' | 'placedBy'> & { readonly host?: string };

type Proxmox = Pick<ParsedClusterSpec['proxmox'], 'bridge' | 'diskStorage'>;

/** What a pool has from its cluster. */
interface Surroundings {
  readonly proxmox: Proxmox;
  readonly patches: ParsedClusterSpec['talos']['patches'];
}

export const nodeNames = (pool: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${pool}${index}`);

/** The nodes of a pool: what the pool says of all, and each node of itself. */
export const expandPool = (
  pool: string,
  count: number,
  spec: ParsedNodePool,
  { proxmox, patches }: Surroundings,
): UnplacedNode[] => {
  const { role, firstAddress, firstVmId = NODE_POOL_DEFAULTS[role].firstVmId, startOrder, highAvailability } = spec;
  return nodeNames(pool, count).map((name, index) => {
    const own = Object.hasOwn(spec.nodes, name) ? spec.nodes[name] : undefined;
    return {
      name,
      role,
      pool,
      index,
      address: own?.address ?? firstAddress.plus(index),
      vmId: own?.vmId ?? firstVmId + index,
      vmName: `talos-${name}`,
      ...(own?.host !== undefined && { host: own.host }),
      size: { ...spec.size, ...given(own?.size ?? {}) },
      labels: own?.labels ?? spec.labels,
      taints: (own?.taints ?? spec.taints).map(({ key, value, effect }) => ({
        key,
        ...(value !== undefined && { value }),
        effect,
      })),
      disks: disksOf(own?.disks ?? spec.disks, proxmox),
      networkCards: [
        cardOf(own?.network ?? spec.network, proxmox),
        ...(own?.networkCards ?? spec.networkCards).map((card) => cardOf(card, proxmox)),
      ],
      pciDevices: own?.pciDevices ?? spec.pciDevices,
      architecture: spec.architecture,
      patches: [
        ...patchesAt('talos.patches', patches),
        ...patchesAt(`nodePools.${pool}.patches`, spec.patches),
        ...patchesAt(`nodePools.${pool}.nodes.${name}.patches`, own?.patches ?? []),
      ],
      ...(startOrder !== undefined && { startOrder }),
      highAvailability,
      protection: own?.protection ?? spec.protection,
      overrides: own === undefined ? [] : Object.keys(given(own)),
    };
  });
};

const patchesAt = (path: string, patches: readonly MachineConfigPatch[]): PatchPlan[] =>
  patches.map((patch, index) => ({ path: `${path}[${index}]`, patch }));

/** Without the fields that are left out. */
const given = <Fields extends object>(
  fields: Fields,
): { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const disksOf = (disks: NonNullable<ParsedNode['disks']>, { diskStorage }: Proxmox): DiskPlan[] =>
  Object.entries(disks).map(([name, { slot, sizeGiB, storage = diskStorage, filesystem }]) => ({
    name,
    slot,
    sizeGiB,
    storage,
    filesystem,
  }));

const cardOf = (card: ParsedNetworkCard, { bridge: usual }: Proxmox): NetworkCardPlan => {
  const { bridge = usual, firewall, vlan, mtu, mac } = card;
  return {
    bridge,
    firewall,
    ...(vlan !== undefined && { vlan }),
    ...(mtu !== undefined && { mtu }),
    ...(mac !== undefined && { mac }),
  };
};
