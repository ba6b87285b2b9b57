import { Cluster } from '@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { Manifest } from '../stage';
import { replicasOf, resources } from './replicas';

export interface DatabaseOf {
  readonly namespace: string;
  /** Also the name of the database and of its owner. */
  readonly name: string;
  readonly sizeGiB: number;
  /** `C` where the application wants text sorted by its bytes, as Synapse does. */
  readonly locale?: 'C';
}

/** Port of PostgreSQL, and that at which its operator asks each instance for its state. */
export const DATABASE_PORTS = [5432, 8000] as const;

/**
 * A PostgreSQL of its own for one application, by CloudNativePG: service `<name>-db-rw`, credentials in the Secret `<name>-db-app`,
 * which the operator makes.
 */
export const database = (plan: ClusterPlan, { namespace, name, sizeGiB, locale }: DatabaseOf): Manifest =>
  new Cluster({
    metadata: { name: `${name}-db`, namespace },
    spec: {
      instances: replicasOf(plan),
      storage: { size: `${sizeGiB}Gi` },
      bootstrap: {
        initdb: {
          database: name,
          owner: name,
          ...(locale !== undefined && { localeCollate: locale, localeCType: locale }),
        },
      },
      resources: resources('50m', '256Mi', '512Mi'),
      affinity: { enablePodAntiAffinity: true, podAntiAffinityType: 'preferred' },
    },
  });
