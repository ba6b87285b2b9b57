import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { ClusterPlan, NodePlan } from '../modules/model/cluster-plan';
import type { ProviderVersions } from '../modules/providers/provider-versions';

interface OutputValues {
  readonly plan: ClusterPlan;
  /** Expressions of the files' texts. */
  readonly talosconfig: string;
  readonly kubeconfig: string;
  /** Recorded in the state, so that a later plan shows which provider has written it. */
  readonly providerVersions: ProviderVersions;
}

const addresses = (nodes: readonly NodePlan[]): Record<string, string> =>
  Object.fromEntries(nodes.map(({ name, address }) => [name, address.toString()]));

/** What others read of a deployed cluster (`terraform output`): addresses by node name, credentials, and what was planned. */
export const addOutputs = (
  scope: Construct,
  { plan, talosconfig, kubeconfig, providerVersions }: OutputValues,
): void => {
  const inRole = (role: NodePlan['role']): readonly NodePlan[] => plan.nodes.filter((node) => node.role === role);
  new TerraformOutput(scope, 'controllers', { value: addresses(inRole('controlplane')) });
  new TerraformOutput(scope, 'workers', { value: addresses(inRole('worker')) });
  new TerraformOutput(scope, 'all_nodes', { value: addresses(plan.nodes) });
  new TerraformOutput(scope, 'talosconfig', { value: talosconfig, sensitive: true });
  new TerraformOutput(scope, 'kubeconfig', { value: kubeconfig, sensitive: true });
  new TerraformOutput(scope, 'cluster_config', {
    value: {
      name: plan.name,
      endpoint: plan.endpoint.url,
      vip: plan.endpoint.vip.toString(),
      network: plan.network.cidr.toString(),
      pod_cidr: plan.podCidr.toString(),
      service_cidr: plan.serviceCidr.toString(),
      load_balancer_pools: Object.fromEntries(
        plan.loadBalancerPools.map(({ name, range }) => [name, range.toString()]),
      ),
      versions: { talos: plan.versions.talos, kubernetes: plan.versions.kubernetes, cilium: plan.versions.cilium },
      providers: providerVersions,
    },
  });
};
