import type { ClusterPlan, NodePlan } from '../model/cluster-plan';

/** Pools whose addresses are reached through the tailnet: what a proxy outside forwards to. */
const ADVERTISED_POOLS = ['ingress', 'dns'];

const advertisedRoutes = (plan: ClusterPlan): string[] =>
  plan.loadBalancerPools
    .filter(({ name }) => ADVERTISED_POOLS.includes(name))
    .flatMap(({ range }) =>
      Array.from({ length: range.size }, (_, index) => `${range.first.plus(index).toString()}/32`),
    );

/**
 * Settings of the extension `siderolabs/tailscale`, by the names that its README gives (siderolabs/extensions,
 * network/tailscale). Routes of others are not accepted: one that overlaps the network would cut the node off.
 *
 * @param authKey Terraform expression of a sensitive variable
 */
export const tailscaleService = (plan: ClusterPlan, node: NodePlan, authKey: string): object => ({
  apiVersion: 'v1alpha1',
  kind: 'ExtensionServiceConfig',
  name: 'tailscale',
  environment: [
    `TS_AUTHKEY=${authKey}`,
    'TS_AUTH_ONCE=true',
    `TS_HOSTNAME=${node.name}`,
    ...(node.role === 'controlplane' ? [`TS_ROUTES=${advertisedRoutes(plan).join(',')}`] : []),
  ],
});
