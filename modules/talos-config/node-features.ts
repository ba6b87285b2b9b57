import type { NodePlan, TaintPlan } from '../model/cluster-plan';

/** As Talos writes it: `value:effect` under the key. */
const nodeTaint = ({ key, value, effect }: TaintPlan): [string, string] => [
  key,
  value === undefined ? effect : `${value}:${effect}`,
];

/**
 * Labels and taints. Kubernetes lets no worker change its own taints (NodeRestriction): a worker's kubelet registers
 * with them, while Talos keeps those of a control plane as it keeps labels.
 */
const taints = ({ role, taints: given }: NodePlan): object => {
  if (given.length === 0) return {};
  return role === 'worker'
    ? { kubelet: { extraConfig: { registerWithTaints: given } } }
    : { nodeTaints: Object.fromEntries(given.map(nodeTaint)) };
};

/** What only this node's machine config says, as patches: none where it has neither labels nor taints nor an MTU. */
export const nodeFeatures = (node: NodePlan): object[] => {
  const machine = {
    ...(Object.keys(node.labels).length > 0 && { nodeLabels: node.labels }),
    ...taints(node),
  };
  return Object.keys(machine).length === 0 ? [] : [{ machine }];
};
