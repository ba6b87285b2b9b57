import { ExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import { entryOpening, entryStage, hostIn, secretStages, webRoute } from '../../kinds/choices';
import { connectionOf, database, DATABASE_STAGE, withDatabase } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service, Stage } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'gitea';
const HTTP_PORT = 3000;

/** Id and secret with which Gitea sends people to Authentik, once Terraform has made them: a person enters them. */
const signOn: Stage = {
  name: 'gitea-sign-on',
  needs: ['gitea', 'terraform-integration', 'vault-secret-store'],
  ready: 'applied',
  manifests: [
    new ExternalSecret({
      metadata: { name: 'gitea-sign-on', namespace: NAMESPACE },
      spec: {
        secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
        refreshInterval: '1h',
        dataFrom: [{ extract: { key: 'sign-on/gitea' } }],
      },
    }),
  ],
};

/** A Git forge. One pod: its repositories lie on a disk of one node at a time. */
export const service: Service = (plan) => {
  const { applications } = plan.platform;
  if (!applications.includes('gitea')) return [];
  const host = hostIn(plan, 'git');
  const postgres = connectionOf('gitea');
  return [
    {
      name: 'gitea',
      needs: [DATABASE_STAGE, ...secretStages(plan), entryStage(plan)],
      secrets: [{ namespace: NAMESPACE, name: 'gitea-admin', keys: ['username', 'password'] }],
      manifests: [
        namespaceOf(NAMESPACE, 'baseline'),
        // Repositories are mirrored from the world
        ...networkPolicies(NAMESPACE, withDatabase({ ...entryOpening(plan, [HTTP_PORT]), to: { world: [443] } })),
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
                  HOST: `${postgres.host}:${postgres.port}`,
                  NAME: postgres.database,
                  USER: postgres.user,
                  SSL_MODE: postgres.sslMode,
                },
                // In memory and on the disk: with one pod nothing is shared
                cache: { ADAPTER: 'memory' },
                session: { PROVIDER: 'db' },
                queue: { TYPE: 'level' },
              },
              additionalConfigFromEnvs: [
                {
                  name: 'GITEA__DATABASE__PASSWD',
                  valueFrom: { secretKeyRef: { name: postgres.secret, key: 'password' } },
                },
              ],
            },
          },
        }),
        ...webRoute(plan, { name: 'gitea', namespace: NAMESPACE, host, service: 'gitea-http', port: HTTP_PORT }),
      ],
    },
    ...(applications.includes('vault') && applications.includes('authentik') ? [signOn] : []),
  ];
};
