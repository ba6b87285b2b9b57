import { storageStage } from '../../kinds/choices';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { podNodesOf, resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'vault';
const HTTP_PORT = 8200;

/**
 * Vault on Raft: three servers where three nodes can take them, else one, as two would lose their quorum with either. They come up
 * sealed, and a person opens them (docs/PLATFORM.md); so nothing waits for its pods to be ready.
 */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('vault')) return [];
  const replicas = podNodesOf(plan).length >= 3 ? 3 : 1;
  return [
    {
      name: 'vault',
      needs: [storageStage(plan)],
      ready: 'applied',
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          fromNamespaces: { 'external-secrets': [HTTP_PORT], 'tofu-system': [HTTP_PORT] },
          to: {
            // Its Kubernetes login asks the API server whether a token is good, that of people asks Authentik at its name
            'kube-apiserver': [6443],
            ...(plan.platform.applications.includes('authentik') && { world: [443] }),
          },
        }),
        ...helmRelease(CHARTS.vault, {
          namespace: NAMESPACE,
          wait: false,
          values: {
            global: { tlsDisable: true },
            injector: { enabled: false },
            server: {
              resources: resources('50m', '128Mi', '512Mi'),
              dataStorage: { size: '2Gi' },
              ha: {
                enabled: true,
                replicas,
                raft: { enabled: true, setNodeId: true },
                disruptionBudget: { enabled: replicas > 1 },
              },
              statefulSet: {
                securityContext: {
                  container: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
                  pod: {
                    runAsNonRoot: true,
                    runAsUser: 100,
                    runAsGroup: 1000,
                    fsGroup: 1000,
                    seccompProfile: { type: 'RuntimeDefault' },
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
