import { KubernetesError, type KubernetesClient, type KubernetesObject } from './kubernetes-client';
import type { NodeConfig, Taint } from './machine-config';

interface Node extends KubernetesObject {
  readonly spec?: { readonly taints?: readonly Taint[] };
}

/** Labels and taints that Talos keeps on the Node object, with the annotations by which it knows its own. */
export const desiredNode = (node: Node, config: NodeConfig): Node => {
  const { labels = {}, annotations = {} } = node.metadata;
  const ownedLabels = owned(annotations['talos.dev/owned-labels']);
  const ownedTaints = owned(annotations['talos.dev/owned-taints']);
  const taints = (node.spec?.taints ?? []).filter(
    ({ key }) => !ownedTaints.includes(key) || config.nodeTaints.some((taint) => taint.key === key),
  );
  const newTaints = config.nodeTaints.filter(({ key }) => !taints.some((taint) => taint.key === key));
  const keptLabels = Object.entries(labels).filter(([key]) => !ownedLabels.includes(key) || key in config.nodeLabels);
  // A label that someone else has set to another value stays theirs (Talos k8s/node_apply.go, applyNodeKV).
  const ownLabels = Object.entries(config.nodeLabels).filter(
    ([key, value]) => labels[key] === undefined || labels[key] === value || ownedLabels.includes(key),
  );
  return {
    ...node,
    metadata: {
      ...node.metadata,
      labels: { ...Object.fromEntries(keptLabels), ...Object.fromEntries(ownLabels) },
      annotations: {
        ...annotations,
        ...ownership(
          'talos.dev/owned-labels',
          ownLabels.map(([key]) => key),
        ),
        ...ownership(
          'talos.dev/owned-taints',
          config.nodeTaints.map(({ key }) => key),
        ),
      },
    },
    spec: { ...node.spec, taints: [...taints, ...newTaints] },
  };
};

const owned = (annotation: string | undefined): readonly string[] =>
  annotation === undefined ? [] : (JSON.parse(annotation) as string[]);

const ownership = (annotation: string, keys: readonly string[]): Record<string, string> =>
  keys.length === 0 ? {} : { [annotation]: JSON.stringify([...keys].sort()) };

/**
 * Puts the labels and taints of the machine config on the Node. True when nothing is left to do.
 * @throws KubernetesError `Forbidden` on a worker whose config asks for what NodeRestriction keeps from a kubelet
 */
export const applyNode = async (client: Pick<KubernetesClient, 'call'>, config: NodeConfig): Promise<boolean> => {
  const path = `/api/v1/nodes/${config.hostname}`;
  try {
    const node = await client.call<Node>('GET', path);
    const desired = desiredNode(node, config);
    if (canonical(desired) !== canonical(node)) await client.call('PUT', path, { body: desired });
    return true;
  } catch (error) {
    // Not registered yet, or the kubelet wrote in between.
    if (error instanceof KubernetesError && (error.status === 404 || error.status === 409)) return false;
    throw error;
  }
};

const canonical = ({ metadata, spec }: Node): string =>
  JSON.stringify([sorted(metadata.labels), sorted(metadata.annotations), spec?.taints ?? []]);

const sorted = (record: Readonly<Record<string, string>> = {}): [string, string][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
