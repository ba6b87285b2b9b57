import { eventually, type Patience } from '../deployment/eventually';
import type { KubernetesClient } from './kubernetes-client';

type Client = Pick<KubernetesClient, 'find' | 'get' | 'patch' | 'evict'>;

/** What is read of a Node. */
export interface KubernetesNode {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly lastHeartbeatTime?: string;
    }[];
  };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
  };
  readonly status?: { readonly phase?: string };
}

export interface DrainOptions extends Patience {
  /** Evicts pods too that nobody makes again elsewhere. */
  readonly force: boolean;
}

/** Pods that may not be evicted as the drain was asked for. */
export class DrainRefused extends Error {
  override readonly name = 'DrainRefused';
}

export const nodePath = (name: string): string => `/api/v1/nodes/${name}`;

/** Says on a Node who has closed it for new pods, so that a command that was interrupted finds its own work again. */
const CLOSED_BY = 'groundwork/cordoned-by';

/** True where that command has closed the node, and nobody has opened it since. */
export const isClosedBy = ({ metadata, spec }: KubernetesNode, command: string): boolean =>
  spec.unschedulable === true && metadata.annotations?.[CLOSED_BY] === command;

/** No new pods: `kubectl cordon`. */
export const cordon = (client: Client, name: string, command: string): Promise<void> =>
  client.patch(nodePath(name), { metadata: { annotations: { [CLOSED_BY]: command } }, spec: { unschedulable: true } });

/** `kubectl uncordon`. */
export const uncordon = (client: Client, name: string): Promise<void> =>
  client.patch(nodePath(name), { metadata: { annotations: { [CLOSED_BY]: null } }, spec: { unschedulable: null } });

const keyOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

const controllerOf = ({ metadata: { ownerReferences = [] } }: Pod): string | undefined =>
  ownerReferences.find(({ controller }) => controller === true)?.kind;

/** Static pods, which only their files end, and pods of a DaemonSet, which would be made again here. */
const stays = (pod: Pod): boolean =>
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined || controllerOf(pod) === 'DaemonSet';

const isOver = ({ status }: Pod): boolean => ['Succeeded', 'Failed'].includes(status?.phase ?? '');

const podsOf = async (client: Client, node: string): Promise<readonly Pod[]> => {
  const selector = encodeURIComponent(`spec.nodeName=${node}`);
  return (await client.get<{ readonly items: readonly Pod[] }>(`/api/v1/pods?fieldSelector=${selector}`)).items;
};

/**
 * Evicts the pods of a node and waits until they are gone, as `kubectl drain --ignore-daemonsets --delete-emptydir-data`
 * does: a disruption budget that forbids an eviction is asked again until the time is over.
 * @returns how many pods were evicted
 * @throws DrainRefused where pods would be lost; Impatience where some are still there after the time
 */
export const drain = async (client: Client, node: string, options: DrainOptions): Promise<number> => {
  const evicted = new Set<string>();
  await eventually(`${node} is drained`, options, async () => {
    const pods = (await podsOf(client, node)).filter((pod) => !stays(pod));
    const orphans = pods.filter((pod) => controllerOf(pod) === undefined && !isOver(pod)).map(keyOf);
    if (orphans.length > 0 && !options.force) return { found: orphans };
    let forbidden = 0;
    for (const { metadata } of pods) {
      if (evicted.has(metadata.uid)) continue;
      if (await client.evict(metadata.namespace, metadata.name)) evicted.add(metadata.uid);
      else forbidden += 1;
    }
    if (pods.length === 0) return { found: [] };
    const budget = forbidden === 0 ? '' : `; a disruption budget forbids the eviction of ${forbidden}`;
    return { yet: `still there: ${pods.map(keyOf).sort().join(', ')}${budget}` };
  }).then((orphans) => {
    if (orphans.length === 0) return;
    throw new DrainRefused(
      `nobody makes these pods of ${node} again elsewhere: ${[...orphans].sort().join(', ')}; move them, or add --force`,
    );
  });
  return evicted.size;
};

/** Closes a node and drains it; a node that may not be drained is opened again. @throws as `drain` */
export const empty = async (client: Client, node: string, command: string, options: DrainOptions): Promise<number> => {
  await cordon(client, node, command);
  try {
    return await drain(client, node, options);
  } catch (error) {
    if (error instanceof DrainRefused) await uncordon(client, node);
    throw error;
  }
};
