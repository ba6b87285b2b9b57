import type { ClusterPlan } from '../cluster-plan';
import type { Issue } from '../issue';

/** What a rule finds; its code and severity stand with the rule. */
export type Finding = Pick<Issue, 'path' | 'message' | 'fix'>;

/** A rule of several fields, as data. It is named by what it finds, and finds all of it at once. */
export interface Rule {
  readonly code: string;
  readonly severity: Issue['severity'];
  readonly find: (plan: ClusterPlan) => Iterable<Finding>;
}

/** Nodes of a role. */
export const countRole = (plan: ClusterPlan, role: 'controlplane' | 'worker'): number =>
  plan.nodes.filter((node) => node.role === role).length;

/** Where a person sets how many nodes of a role there are: the one pool of that role, or all pools. */
export const countPath = (plan: ClusterPlan, role: 'controlplane' | 'worker'): string => {
  const [pool, ...others] = plan.nodePools.filter((candidate) => candidate.role === role);
  return pool === undefined || others.length > 0 ? 'nodePools' : `nodePools.${pool.name}.count`;
};

/** ` (and 3 more of the same)`, or nothing: one finding stands for all of a kind, or a pool of 1000 would print 1000. */
export const andMore = (others: number): string => (others === 0 ? '' : ` (and ${others} more of the same)`);

/** In order of their first member. */
export const groupBy = <Item>(items: readonly Item[], key: (item: Item) => string): [Item, ...Item[]][] => {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
};
