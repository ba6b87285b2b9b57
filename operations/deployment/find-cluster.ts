import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { closest } from '../../modules/model/closest';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { formatIssues } from '../../modules/model/issue';
import { loadCluster } from '../../modules/model/load-cluster';
import { readPlacement } from '../../modules/placement/placement-file';

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
 * @throws InputError that lists the clusters, or all that is wrong with the spec
 */
export const findCluster = (name: string | undefined, environment: Environment): ClusterPlan => {
  const folder = resolve(CHECKOUT, environment['GROUNDWORK_CLUSTERS_DIR'] ?? 'clusters');
  if (!existsSync(folder)) throw new InputError(`folder ${folder} does not exist; it holds the specs of clusters`);
  const loaded = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => Object.entries(createRequire(__filename)(join(folder, file)) as object))
    .map(([key, spec]: [string, unknown]) => ({ key, ...loadCluster(spec, readPlacement(folder, spec)) }));
  const names = loaded.map(({ key, plan }) => plan?.name ?? key);
  if (name === undefined && loaded.length > 1) throw new InputError(`say which cluster: ${names.join(', ')}`);
  const found = name === undefined ? loaded[0] : loaded[names.indexOf(name)];
  if (found === undefined) {
    const near = name === undefined ? undefined : closest(name, names);
    const known = names.length === 0 ? `${folder} has no cluster` : `there is ${names.join(', ')}`;
    throw new InputError(`no cluster "${name ?? ''}": ${known}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  if (found.plan === undefined) throw new InputError(`${found.key}\n${formatIssues(found.issues)}`);
  return found.plan;
};
