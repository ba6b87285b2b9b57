import type { ClusterPlan, LoadBalancerPoolPlan } from '../../modules/model/cluster-plan';
import { SpecError } from '../../modules/model/spec-error';

/** The stage after which services of type LoadBalancer get an address, whoever announces it. */
export const POOLS_STAGE = 'address-pools';

/** On services: the pool that they want their address from, where Cilium hands it out. */
export const POOL_LABEL = 'groundwork/address-pool';

/**
 * The pool of that name.
 * @throws SpecError where the spec has none
 */
export const poolOf = ({ loadBalancerPools }: ClusterPlan, name: string): LoadBalancerPoolPlan => {
  const pool = loadBalancerPools.find((candidate) => candidate.name === name);
  if (pool === undefined) throw new SpecError(`loadBalancerPools has no "${name}"; give it an address of its own`);
  return pool;
};

type Metadata = { readonly annotations: Record<string, string> } | { readonly labels: Record<string, string> };

/** What a Service of type LoadBalancer must have to get its address from the pool of that name, which must be there. */
export const fromPool = (plan: ClusterPlan, name: string): Metadata => {
  const pool = poolOf(plan, name).name;
  return plan.announcements.by === 'metallb'
    ? { annotations: { 'metallb.io/address-pool': pool } }
    : { labels: { [POOL_LABEL]: pool } };
};

/**
 * `Local` keeps the address of who asks; a node without a pod then must not be asked. Cilium's announcements by ARP do not see to
 * that (docs.cilium.io, "L2 Announcements", "Limitations"), so there any node passes requests on.
 */
export const trafficPolicy = ({ announcements }: ClusterPlan): 'Local' | 'Cluster' =>
  announcements.by === 'cilium-l2' ? 'Cluster' : 'Local';
