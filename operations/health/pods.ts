import type { NodePlan } from '../../modules/model/cluster-plan';
import { conditionOf, type Cause, type KubernetesNode, type Looks } from './looks';
import type { Part } from './verdict';

export interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase?: string; readonly conditions?: KubernetesNode['status']['conditions'] };
}

export const isPodReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && conditionOf(pod, 'Ready')?.status === 'True';

interface Wanted {
  readonly name: string;
  /** What may explain that there is none. */
  readonly upTo: Cause;
  readonly fix: string;
}

/** A pod that is ready on each of the nodes, as a DaemonSet has them. */
export const podsOn = (
  looks: Looks,
  nodes: readonly NodePlan[],
  pods: readonly Pod[],
  { name, upTo, fix }: Wanted,
): Promise<Part[]> =>
  Promise.all(
    nodes.map(async (node): Promise<Part> => {
      // Of a node that is gone the API says what was so when it was there last.
      const cause = await looks.cause(node, upTo);
      if (cause !== undefined) return { unseen: cause };
      if (pods.some((pod) => pod.spec.nodeName === node.name && isPodReady(pod))) return { good: node.name };
      return { bad: `no pod of ${name} is ready on ${node.name}`, fix };
    }),
  );
