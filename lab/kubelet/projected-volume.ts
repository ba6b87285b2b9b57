import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesClient } from '../control-plane/kubernetes-client';
import { writeSecretFile } from '../control-plane/secret-file';
import { podField } from './container-process';
import type { Pod, PodSurroundings, Volume } from './pod';

interface TokenAnswer {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

/**
 * Fills a folder with what a projected volume holds: a fresh service account token bound to the pod, config maps
 * and fields of the pod. Gives the time at which it has to be filled again: 80 % of the token's life.
 * @throws Error where the API server refuses, as for a config map that is missing
 */
export const fillProjectedVolume = async (
  client: KubernetesClient,
  pod: Pod,
  volume: Volume,
  folder: string,
  where: PodSurroundings,
): Promise<Date | undefined> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o755);
  const put = (path: string, content: string): void => void writeSecretFile(join(folder, path), content);
  const namespace = pod.metadata.namespace ?? 'default';
  let refreshAt: Date | undefined;
  for (const { serviceAccountToken, configMap, downwardAPI } of volume.projected?.sources ?? []) {
    if (serviceAccountToken !== undefined) {
      const account = pod.spec.serviceAccountName ?? 'default';
      const { status } = await client.call<TokenAnswer>(
        'POST',
        `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
        {
          body: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: {
              ...(serviceAccountToken.audience === undefined ? {} : { audiences: [serviceAccountToken.audience] }),
              expirationSeconds: serviceAccountToken.expirationSeconds ?? 3600,
              boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
            },
          },
        },
      );
      put(serviceAccountToken.path, status.token);
      refreshAt = new Date(Date.now() + (Date.parse(status.expirationTimestamp) - Date.now()) * 0.8);
    }
    if (configMap !== undefined) {
      const { data = {} } = await client.call<{ data?: Record<string, string> }>(
        'GET',
        `/api/v1/namespaces/${namespace}/configmaps/${configMap.name}`,
      );
      const items = configMap.items ?? Object.keys(data).map((key) => ({ key, path: key }));
      for (const { key, path } of items) put(path, data[key] ?? '');
    }
    for (const { path, fieldRef } of downwardAPI?.items ?? []) {
      if (fieldRef !== undefined) put(path, podField(pod, fieldRef.fieldPath, where));
    }
  }
  return refreshAt;
};
