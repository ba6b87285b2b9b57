import { stringify } from 'yaml';
import type { KeyPair } from './machine-config';

export interface KubeconfigInput {
  readonly clusterName: string;
  /** Without trailing slash. */
  readonly server: string;
  /** PEM. */
  readonly caCert: string;
  readonly client: KeyPair;
  /** `admin` gives the context `admin@<cluster>`, as Talos names it (pkg/kubeconfig/generate.go). */
  readonly user: string;
  readonly context: string;
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Text of a kubeconfig with one context, credentials inside. */
export const renderKubeconfig = (input: KubeconfigInput): string => {
  const user = `${input.user}@${input.clusterName}`;
  const context = `${input.context}@${input.clusterName}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: input.clusterName,
          cluster: { server: input.server, 'certificate-authority-data': base64(input.caCert) },
        },
      ],
      users: [
        {
          name: user,
          user: { 'client-certificate-data': base64(input.client.cert), 'client-key-data': base64(input.client.key) },
        },
      ],
      contexts: [{ name: context, context: { cluster: input.clusterName, namespace: 'default', user } }],
      'current-context': context,
    },
    { lineWidth: 0 },
  );
};
