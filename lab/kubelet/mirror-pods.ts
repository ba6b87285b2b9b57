import { createHash } from 'node:crypto';
import { KubernetesError, sleep, type KubernetesClient } from '../control-plane/kubernetes-client';
import type { StaticPod } from '../control-plane/static-pods';
import { MIRROR_ANNOTATION, type PodSurroundings } from './pod';
import { StatusWriter } from './status-writer';

const PODS = '/api/v1/namespaces/kube-system/pods';
const POLL_MS = 250;

/** Pod that shows a static pod in the API, with the owner that NodeRestriction demands. */
export const mirrorPod = (pod: StaticPod, where: PodSurroundings, nodeUid: string): object => {
  const hash = createHash('md5').update(pod.revision).digest('hex');
  const version = /:(v[^@]+)/.exec(pod.image)?.[1] ?? '';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${pod.name}-${where.nodeName}`,
      namespace: 'kube-system',
      labels: {
        'app.kubernetes.io/component': 'control-plane',
        'app.kubernetes.io/managed-by': 'Talos',
        'app.kubernetes.io/name': pod.name,
        'app.kubernetes.io/version': version,
        component: pod.name,
        'k8s-app': pod.name,
        tier: 'control-plane',
      },
      annotations: {
        'kubernetes.io/config.hash': hash,
        [MIRROR_ANNOTATION]: hash,
        'kubernetes.io/config.source': 'http',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: where.nodeName, uid: nodeUid, controller: true }],
    },
    spec: {
      nodeName: where.nodeName,
      hostNetwork: true,
      priorityClassName: 'system-cluster-critical',
      enableServiceLinks: true,
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
      containers: [{ name: pod.name, image: pod.image, command: pod.command }],
    },
  };
};

/**
 * Keeps one mirror pod per static pod, and its status, until `signal` aborts. `isThere` tells whether the API
 * server has a pod `<namespace>/<name>`: one that somebody has deleted is made again.
 */
export const keepMirrorPods = async (
  client: KubernetesClient,
  list: () => readonly StaticPod[],
  isThere: (key: string) => boolean,
  where: PodSurroundings,
  nodeUid: string,
  signal: AbortSignal,
): Promise<void> => {
  const mirrors = new Map<string, { revision: string; writer: StatusWriter }>();
  while (!signal.aborted) {
    const pods = list();
    for (const pod of pods) {
      const name = `${pod.name}-${where.nodeName}`;
      const path = `${PODS}/${name}`;
      try {
        let mirror = mirrors.get(pod.name);
        if (mirror?.revision !== pod.revision || !isThere(`kube-system/${name}`)) {
          await create(client, mirrorPod(pod, where, nodeUid), path);
          mirror = { revision: pod.revision, writer: new StatusWriter(client, path, where.nodeAddress) };
          mirrors.set(pod.name, mirror);
        }
        await mirror.writer.write(pod);
      } catch {
        // The API server may be the one that is down: the next round tries again.
      }
    }
    for (const name of mirrors.keys()) {
      if (pods.some((pod) => pod.name === name)) continue;
      await client.call('DELETE', `${PODS}/${name}-${where.nodeName}?gracePeriodSeconds=0`).catch(() => undefined);
      mirrors.delete(name);
    }
    await sleep(POLL_MS, signal);
  }
};

/** A mirror pod of an earlier start is replaced where its node or its command is another. */
const create = async (client: KubernetesClient, pod: object, path: string): Promise<void> => {
  const { metadata } = pod as {
    metadata: { annotations: Record<string, string>; ownerReferences: readonly { uid: string }[] };
  };
  try {
    await client.call('POST', PODS, { body: pod });
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.reason !== 'AlreadyExists') throw error;
    const found = await client.call<{ metadata: typeof metadata }>('GET', path);
    const isSame =
      found.metadata.annotations[MIRROR_ANNOTATION] === metadata.annotations[MIRROR_ANNOTATION] &&
      found.metadata.ownerReferences[0]?.uid === metadata.ownerReferences[0]?.uid;
    if (isSame) return;
    await client.call('DELETE', `${path}?gracePeriodSeconds=0`);
    await client.call('POST', PODS, { body: pod });
  }
};
