import { entryOpening, entryStage, hostIn, secretStages, webRoute } from '../../kinds/choices';
import { connectionOf, database, DATABASE_STAGE, withDatabase } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'authentik';
const HTTP_PORT = 9000;
const SERVER = { 'app.kubernetes.io/name': 'authentik', 'app.kubernetes.io/component': 'server' };

/** Single sign-on. What is set up inside of it comes by Terraform. */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('authentik')) return [];
  const opening = entryOpening(plan, [HTTP_PORT]);
  const postgres = connectionOf('authentik');
  const fromSecret = (variable: string, name: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name, key } },
  });
  return [
    {
      name: 'authentik',
      needs: [DATABASE_STAGE, ...secretStages(plan), entryStage(plan)],
      secrets: [
        { namespace: NAMESPACE, name: 'authentik', keys: ['secret-key', 'bootstrap-password', 'bootstrap-token'] },
      ],
      manifests: [
        namespaceOf(NAMESPACE, 'baseline'),
        ...networkPolicies(
          NAMESPACE,
          withDatabase({
            ...opening,
            fromNamespaces: { ...opening.fromNamespaces, 'tofu-system': [HTTP_PORT] },
            to: { world: [443, 587] },
          }),
        ),
        database(plan, { namespace: NAMESPACE, name: 'authentik', sizeGiB: 5 }),
        ...helmRelease(CHARTS.authentik, {
          namespace: NAMESPACE,
          values: {
            // Its Secret would hold what stands in the environment below
            authentik: { enabled: false },
            postgresql: { enabled: false },
            global: {
              env: [
                { name: 'AUTHENTIK_POSTGRESQL__HOST', value: postgres.host },
                { name: 'AUTHENTIK_POSTGRESQL__NAME', value: postgres.database },
                { name: 'AUTHENTIK_POSTGRESQL__USER', value: postgres.user },
                fromSecret('AUTHENTIK_POSTGRESQL__PASSWORD', postgres.secret, 'password'),
                fromSecret('AUTHENTIK_SECRET_KEY', 'authentik', 'secret-key'),
                fromSecret('AUTHENTIK_BOOTSTRAP_PASSWORD', 'authentik', 'bootstrap-password'),
                fromSecret('AUTHENTIK_BOOTSTRAP_TOKEN', 'authentik', 'bootstrap-token'),
              ],
            },
            server: {
              replicas: replicasOf(plan),
              affinity: spread(SERVER),
              resources: resources('100m', '512Mi', '1Gi'),
            },
            worker: { replicas: 1, resources: resources('100m', '512Mi', '1Gi') },
          },
        }),
        ...disruptionBudget(plan, { name: 'authentik-server', namespace: NAMESPACE }, SERVER),
        ...webRoute(plan, {
          name: 'authentik',
          namespace: NAMESPACE,
          host: hostIn(plan, 'auth'),
          service: 'authentik-server',
          port: 80,
        }),
      ],
    },
  ];
};
