import { resolve } from 'node:path';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { clustersFolder, plansOf } from '../../specs/load-clusters';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The repository's root: this file is two folders below it. */
export const CHECKOUT = resolve(__dirname, '..', '..');

/** A mistake of who called: said as it is, with exit status 1 and no stack trace. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * The plan of a cluster in clusters/ (or the folder of GROUNDWORK_CLUSTERS_DIR), by its name.
 * @param name may be left out where there is one cluster only
 * @throws InputError where it is not said which of several; SpecError that lists the clusters, or what is wrong with a spec
 */
export const findCluster = (name: string | undefined, environment: Environment): ClusterPlan => {
  const [found, ...others] = plansOf(clustersFolder(environment), name);
  if (found !== undefined && others.length === 0) return found;
  throw new InputError(`say which cluster: ${[found, ...others].map((plan) => plan?.name).join(', ')}`);
};
