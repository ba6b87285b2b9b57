import { DATABASE_PORTS } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import { storageStage } from '../../kinds/choices';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'cnpg-system';
const LABELS = { 'app.kubernetes.io/name': 'cloudnative-pg' };
/** Applications that keep their data in PostgreSQL, by namespace. */
const USERS = ['authentik', 'harbor', 'gitea', 'matrix'] as const;

/** PostgreSQL for the applications: one cluster each, beside it. */
export const service: Service = (plan) => {
  const users = USERS.filter((name) => plan.platform.applications.includes(name));
  if (users.length === 0) return [];
  return [
    {
      name: 'cloudnative-pg',
      needs: [storageStage(plan)],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          from: { 'kube-apiserver': [9443], 'remote-node': [9443] },
          to: { 'kube-apiserver': [6443] },
          toNamespaces: Object.fromEntries(users.map((user) => [user, DATABASE_PORTS])),
        }),
        ...helmRelease(CHARTS.cloudnativePg, {
          namespace: NAMESPACE,
          values: {
            replicaCount: replicasOf(plan),
            affinity: spread(LABELS),
            resources: resources('50m', '128Mi', '512Mi'),
          },
        }),
        ...disruptionBudget(plan, { name: 'cloudnative-pg', namespace: NAMESPACE }, LABELS),
      ],
    },
  ];
};
