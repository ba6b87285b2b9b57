import type { NodeRole, PlacedBy } from './cluster-plan';

/** Hosts by node name, as chosen once. It is committed beside the spec, and only ever added to. */
export type PlacementRecord = Readonly<Record<string, string>>;

/** A node that needs a host. */
export interface Placeable {
  readonly name: string;
  readonly role: NodeRole;
  readonly pool: string;
  /** Where the spec itself gives one. */
  readonly host?: string;
}

export interface Placed {
  readonly host: string;
  readonly placedBy: PlacedBy;
}

/** How many nodes of each kind are where. */
class Occupancy {
  private readonly counts = new Map<string, number>();

  constructor(private readonly domainOf: (host: string) => string) {}

  add({ role, pool }: Placeable, host: string): void {
    for (const key of [`host ${host}`, `${role} ${host}`, `pool ${pool} ${host}`, `${role} in ${this.domainOf(host)}`])
      this.counts.set(key, this.of(key) + 1);
  }

  /** What is wrong with a host for one more node, the gravest first. */
  cost({ role, pool }: Placeable, host: string): number[] {
    const spread =
      role === 'controlplane' ? [`${role} in ${this.domainOf(host)}`, `${role} ${host}`] : [`pool ${pool} ${host}`];
    return [...spread, `host ${host}`].map((key) => this.of(key));
  }

  private of(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

const lower = (one: readonly number[], other: readonly number[]): boolean => {
  const step = one.findIndex((value, index) => value !== other[index]);
  return step >= 0 && (one[step] ?? 0) < (other[step] ?? 0);
};

/**
 * A host for each node, in the order of `nodes`: that of the spec, else the recorded one, else the emptiest. Control planes go to
 * the failure domain that has the fewest of them, from the first host on; workers to the host that has the fewest of their pool,
 * from the last one back, so that hosts with a control plane more get workers last. What is recorded never moves, whatever hosts
 * there are.
 * @param suitable hosts that a node can run on, in the order of `hosts`; default: all
 */
export const placeNodes = <Node extends Placeable>(
  nodes: readonly Node[],
  hosts: readonly string[],
  record: PlacementRecord,
  domainOf: (host: string) => string,
  suitable: (node: Node) => readonly string[] = () => hosts,
): Placed[] => {
  const occupied = new Occupancy(domainOf);
  const fixed = nodes.map((node): Placed | undefined => {
    const recorded = Object.hasOwn(record, node.name) ? record[node.name] : undefined;
    const host = node.host ?? recorded;
    if (host === undefined) return undefined;
    occupied.add(node, host);
    return { host, placedBy: node.host === undefined ? 'record' : 'spec' };
  });
  return nodes.map((node, position) => {
    const known = fixed[position];
    if (known !== undefined) return known;
    const fit = suitable(node);
    // Where none is, a rule says so: the plan of a wrong spec is a plan, too.
    const choice = fit.length === 0 ? hosts : fit;
    const [first, ...others] = node.role === 'controlplane' ? choice : choice.toReversed();
    if (first === undefined) throw new RangeError('there are no hosts to place a node on');
    const host = others.reduce(
      (best, other) => (lower(occupied.cost(node, other), occupied.cost(node, best)) ? other : best),
      first,
    );
    occupied.add(node, host);
    return { host, placedBy: 'rule' };
  });
};
