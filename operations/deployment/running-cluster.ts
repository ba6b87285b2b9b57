import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { TalosClient } from '../talos/talos-client';
import { findKubeconfig, findTalosconfig } from './credentials';
import type { Environment } from './find-cluster';

/** A cluster that runs: its plan, and who is asked about it. */
export interface RunningCluster {
  readonly plan: ClusterPlan;
  readonly talos: TalosClient;
  readonly kubernetes: KubernetesClient;
}

/** @throws Error where there are no credentials for this cluster */
export const runningCluster = async (plan: ClusterPlan, environment: Environment): Promise<RunningCluster> => ({
  plan,
  talos: new TalosClient(await findTalosconfig(plan, environment)),
  kubernetes: new KubernetesClient(await findKubeconfig(plan, environment)),
});

/** Whoever plans control planes, by name and address. */
export const controlPlanes = ({ nodes }: ClusterPlan): { readonly name: string; readonly address: string }[] =>
  nodes
    .filter(({ role }) => role === 'controlplane')
    .map(({ name, address }) => ({ name, address: address.toString() }));
