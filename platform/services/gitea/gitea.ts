import { entryOpening, entryStage, hostIn, webRoute } from '../../kinds/choices';
import { database, DATABASE_PORTS } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'gitea';
const HTTP_PORT = 3000;

/** A Git forge. One pod: its repositories lie on a disk of one node at a time. */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('gitea')) return [];
  const host = hostIn(plan, 'git');
  const opening = entryOpening(plan, [HTTP_PORT]);
  return [
    {
      name: 'gitea',
      needs: ['cloudnative-pg', 'sealed-secrets', entryStage(plan)],
      secrets: [{ namespace: NAMESPACE, name: 'gitea-admin', keys: ['username', 'password'] }],
      manifests: [
        namespaceOf(NAMESPACE, 'baseline'),
        ...networkPolicies(NAMESPACE, {
          ...opening,
          fromNamespaces: { ...opening.fromNamespaces, 'cnpg-system': DATABASE_PORTS },
          // PostgreSQL's instances ask the API server who leads; repositories are mirrored from the world
          to: { 'kube-apiserver': [6443], world: [443] },
        }),
        database(plan, { namespace: NAMESPACE, name: 'gitea', sizeGiB: 5 }),
        ...helmRelease(CHARTS.gitea, {
          namespace: NAMESPACE,
          values: {
            // Sub-charts by Bitnami, whose images are no longer maintained
            'valkey-cluster': { enabled: false },
            valkey: { enabled: false },
            postgresql: { enabled: false },
            'postgresql-ha': { enabled: false },
            replicaCount: 1,
            strategy: { type: 'Recreate' },
            resources: resources('100m', '256Mi', '1Gi'),
            persistence: { enabled: true, size: '20Gi' },
            gitea: {
              admin: { existingSecret: 'gitea-admin', email: `admin@${host}` },
              config: {
                server: { DOMAIN: host, ROOT_URL: `https://${host}/`, DISABLE_SSH: true },
                service: { DISABLE_REGISTRATION: true },
                database: {
                  DB_TYPE: 'postgres',
                  HOST: 'gitea-db-rw:5432',
                  NAME: 'gitea',
                  USER: 'gitea',
                  SSL_MODE: 'require',
                },
                // In memory and on the disk: with one pod nothing is shared
                cache: { ADAPTER: 'memory' },
                session: { PROVIDER: 'db' },
                queue: { TYPE: 'level' },
              },
              additionalConfigFromEnvs: [
                {
                  name: 'GITEA__DATABASE__PASSWD',
                  valueFrom: { secretKeyRef: { name: 'gitea-db-app', key: 'password' } },
                },
              ],
            },
          },
        }),
        ...webRoute(plan, { name: 'gitea', namespace: NAMESPACE, host, service: 'gitea-http', port: HTTP_PORT }),
      ],
    },
  ];
};
