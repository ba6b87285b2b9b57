import { entryOpening, entryStage, hostIn, secretStages, webRoute } from '../../kinds/choices';
import { connectionOf, database, DATABASE_STAGE, withDatabase } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'harbor';
/** nginx of the chart, which splits requests between portal, core and registry. */
const HTTP_PORT = 8080;

/** A container registry. One pod of each part: images lie on disks of one node at a time. */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('harbor')) return [];
  const host = hostIn(plan, 'registry');
  const postgres = connectionOf('harbor');
  const opening = entryOpening(plan, [HTTP_PORT]);
  const small = { replicas: 1, resources: resources('20m', '64Mi', '512Mi') };
  return [
    {
      name: 'harbor',
      needs: [DATABASE_STAGE, ...secretStages(plan), entryStage(plan)],
      secrets: [
        { namespace: NAMESPACE, name: 'harbor-admin', keys: ['HARBOR_ADMIN_PASSWORD'] },
        { namespace: NAMESPACE, name: 'harbor-encryption', keys: ['secretKey'] },
        { namespace: NAMESPACE, name: 'harbor-registry', keys: ['REGISTRY_PASSWD', 'REGISTRY_HTPASSWD'] },
      ],
      manifests: [
        namespaceOf(NAMESPACE, 'baseline'),
        ...networkPolicies(
          NAMESPACE,
          withDatabase({
            ...opening,
            fromNamespaces: { ...opening.fromNamespaces, 'tofu-system': [HTTP_PORT] },
            to: { world: [443] },
          }),
        ),
        database(plan, { namespace: NAMESPACE, name: 'harbor', sizeGiB: 5 }),
        ...helmRelease(CHARTS.harbor, {
          namespace: NAMESPACE,
          values: {
            externalURL: `https://${host}`,
            expose: { type: 'clusterIP', tls: { enabled: false }, clusterIP: { name: 'harbor' } },
            existingSecretAdminPassword: 'harbor-admin',
            existingSecretSecretKey: 'harbor-encryption',
            updateStrategy: { type: 'Recreate' },
            database: {
              type: 'external',
              external: {
                host: postgres.host,
                port: String(postgres.port),
                username: postgres.user,
                coreDatabase: postgres.database,
                existingSecret: postgres.secret,
                sslmode: postgres.sslMode,
              },
            },
            redis: { type: 'internal', internal: { resources: resources('20m', '64Mi', '256Mi') } },
            persistence: {
              persistentVolumeClaim: {
                registry: { size: '50Gi' },
                jobservice: { jobLog: { size: '1Gi' } },
                redis: { size: '1Gi' },
              },
            },
            nginx: small,
            portal: small,
            core: small,
            jobservice: small,
            registry: {
              replicas: 1,
              credentials: { existingSecret: 'harbor-registry' },
              registry: { resources: resources('50m', '128Mi', '512Mi') },
              controller: { resources: resources('20m', '64Mi', '256Mi') },
            },
            trivy: { enabled: false },
          },
        }),
        ...webRoute(plan, { name: 'harbor', namespace: NAMESPACE, host, service: 'harbor', port: 80 }),
      ],
    },
  ];
};
