import { Cluster } from '@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { Manifest } from '../stage';
import type { Opening } from './network-policies';
import { imageOf, IMAGES } from '../versions';
import { replicasOf, resources } from './replicas';

export interface DatabaseOf {
  readonly namespace: string;
  /** Also the name of the database and of its owner. */
  readonly name: string;
  readonly sizeGiB: number;
  /** `C` where the application wants text sorted by its bytes, as Synapse does. */
  readonly locale?: 'C';
}

/** The stage after which databases are made. */
export const DATABASE_STAGE = 'cloudnative-pg';

/** Port of PostgreSQL, and that at which its operator asks each instance for its state. */
export const DATABASE_PORTS = [5432, 8000] as const;

/** Where an application finds its database, in its own namespace, and the Secret that CloudNativePG makes, key `password`. */
export const connectionOf = (name: string) => ({
  host: `${name}-db-rw`,
  port: DATABASE_PORTS[0],
  database: name,
  user: name,
  sslMode: 'require',
  secret: `${name}-db-app`,
});

/** The opening of a namespace with databases in it: the operator comes in, and the instances ask the API server who leads. */
export const withDatabase = (opening: Opening): Opening => ({
  ...opening,
  fromNamespaces: { ...opening.fromNamespaces, 'cnpg-system': DATABASE_PORTS },
  to: { 'kube-apiserver': [6443], ...opening.to },
});

/** A PostgreSQL of its own for one application, by CloudNativePG: `connectionOf` says how it is reached. */
export const database = (plan: ClusterPlan, { namespace, name, sizeGiB, locale }: DatabaseOf): Manifest =>
  new Cluster({
    metadata: { name: `${name}-db`, namespace },
    spec: {
      instances: replicasOf(plan),
      imageName: imageOf(IMAGES.postgres),
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
