import type { KubernetesObject } from '../control-plane/kubernetes-client';

/** What the lab's kubelet reads of a pod. */
export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly name: string; readonly restartCount: number }[];
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly unknown[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly runAsUser?: number;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  };
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

export interface Volume {
  readonly name: string;
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: {
        readonly path: string;
        readonly audience?: string;
        readonly expirationSeconds?: number;
      };
      readonly configMap?: {
        readonly name: string;
        readonly items?: readonly { readonly key: string; readonly path: string }[];
      };
      readonly downwardAPI?: {
        readonly items?: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[];
      };
    }[];
  };
}

/**
 * True of a pod whose containers run and of which somebody else says that it is not ready: the node controller does, of
 * all pods of a node that is silent for a while (kubernetes pkg/util/node, MarkPodsNotReady).
 */
export const isMarkedNotReady = ({ status }: Pod): boolean => {
  const has = (type: string, wanted: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === wanted);
  return status?.phase === 'Running' && has('Ready', 'False') && has('ContainersReady', 'True');
};

/** What the kubelet knows of the node where a pod runs. */
export interface PodSurroundings {
  readonly nodeName: string;
  readonly nodeAddress: string;
}

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

export const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;

/** `<namespace>/<name>`. */
export const podKey = ({ metadata }: Pod): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Image without tag and digest. */
export const imageRepository = (image: string): string => image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

/** A running pod with the label that Cilium's chart gives its agent: the network plugin has written its configuration. */
export const isNetworkPlugin = (pod: Pod): boolean =>
  pod.metadata.labels?.['k8s-app'] === 'cilium' &&
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.phase === 'Running' &&
  (pod.status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
