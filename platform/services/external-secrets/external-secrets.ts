import { ClusterSecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'external-secrets';
const LABELS = { 'app.kubernetes.io/name': 'external-secrets' };
const WEBHOOK = { 'app.kubernetes.io/name': 'external-secrets-webhook' };

/** Copies secrets out of Vault. Without Vault there is nothing to copy from. */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('vault')) return [];
  const replicas = replicasOf(plan);
  return [
    {
      name: 'external-secrets',
      needs: [],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          from: { 'kube-apiserver': [10250], 'remote-node': [10250] },
          to: { 'kube-apiserver': [6443] },
          toNamespaces: { vault: [8200] },
        }),
        ...helmRelease(CHARTS.externalSecrets, {
          namespace: NAMESPACE,
          values: {
            replicaCount: replicas,
            leaderElect: replicas > 1,
            affinity: spread(LABELS),
            resources: resources('20m', '64Mi', '256Mi'),
            webhook: {
              replicaCount: replicas,
              affinity: spread(WEBHOOK),
              resources: resources('10m', '32Mi', '128Mi'),
            },
            certController: { resources: resources('10m', '64Mi', '256Mi') },
          },
        }),
        ...disruptionBudget(plan, { name: 'external-secrets-webhook', namespace: NAMESPACE }, WEBHOOK),
      ],
    },
    {
      name: 'vault-secret-store',
      needs: ['external-secrets', 'vault'],
      // Ready once a person has initialised Vault and Terraform has set up its Kubernetes login
      ready: 'applied',
      manifests: [
        new ClusterSecretStore({
          metadata: { name: 'vault' },
          spec: {
            provider: {
              vault: {
                server: 'http://vault.vault.svc.cluster.local:8200',
                path: 'kv',
                version: 'v2',
                auth: {
                  kubernetes: {
                    mountPath: 'kubernetes',
                    role: 'external-secrets',
                    serviceAccountRef: { name: 'external-secrets', namespace: NAMESPACE, audiences: ['vault'] },
                  },
                },
              },
            },
          },
        }),
      ],
    },
  ];
};
