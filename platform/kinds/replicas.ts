import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import type { Manifest } from '../stage';

/** Nodes that run pods: the workers, or the control planes where there are none. */
export const podNodesOf = ({ nodes, schedulableControlPlanes }: ClusterPlan): NodePlan[] =>
  nodes.filter(({ role }) => schedulableControlPlanes || role === 'worker');

/** Two of each, so that one node may fail; one where there is but one node. */
export const replicasOf = (plan: ClusterPlan): number => Math.min(2, podNodesOf(plan).length);

/** A drain leaves one pod running. Nothing where there is only one: a budget would keep its node from ever being drained. */
export const disruptionBudget = (
  plan: ClusterPlan,
  metadata: { readonly name: string; readonly namespace: string },
  labels: Readonly<Record<string, string>>,
): Manifest[] =>
  replicasOf(plan) < 2
    ? []
    : [new PodDisruptionBudget({ metadata, spec: { minAvailable: 1, selector: { matchLabels: labels } } })];

/** Pods with these labels rather on different nodes: not a must, or a rolling update would have nowhere to go on two nodes. */
export const spread = (labels: Readonly<Record<string, string>>) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      },
    ],
  },
});

/** What a container asks of its node at the least, and the memory that it may not pass. */
export const resources = (cpu: string, memory: string, memoryLimit: string) => ({
  requests: { cpu, memory },
  limits: { memory: memoryLimit },
});
