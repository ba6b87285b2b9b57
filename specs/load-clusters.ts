import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { formatIssues, sortIssues, type Issue } from '../modules/model/issue';
import { loadCluster } from '../modules/model/load-cluster';
import { groupBy } from '../modules/model/rules/rule';
import { SpecError } from '../modules/model/spec-error';
import { readPlacement } from '../modules/placement/placement-file';
import { checkClusters } from './check-clusters';
import type { FoundSpec, SpecFile } from './file-issue';
import { readTypeScript } from './typescript-file';
import { readYaml } from './yaml-file';

export interface LoadedClusters {
  /** Of every cluster without an error of its own, in the order of files. */
  readonly plans: readonly ClusterPlan[];
  /** Of all files at once: errors first. `formatIssues` prints them. */
  readonly issues: readonly Issue[];
  /** Every file that holds specs, with the names of its clusters as they are written there. */
  readonly files: readonly { readonly file: string; readonly names: readonly string[] }[];
}

const ROOT = resolve(__dirname, '..');

/**
 * The folder of specs: `clusters/`, or another where `GROUNDWORK_CLUSTERS_DIR` names one.
 * @param environment of the process, which only its entry file reads
 */
export const clustersFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  resolve(ROOT, environment['GROUNDWORK_CLUSTERS_DIR'] ?? 'clusters');

/** Every spec of a folder as it stands there, and what kept others from being read. Only a folder that can't be read throws. */
export const readSpecs = (folder: string): SpecFile => {
  const files = readdirSync(folder)
    .filter((name) => /\.(ts|ya?ml)$/.test(name))
    .sort()
    .map((name) => readSpecFile(join(folder, name)));
  return { specs: files.flatMap(({ specs }) => specs), issues: files.flatMap(({ issues }) => issues) };
};

/** Plans of every spec of a folder, checked alone and against each other. */
export const loadClusters = (folder: string): LoadedClusters => {
  const { specs, issues: ofFiles } = readSpecs(folder);
  const loaded = specs.map(({ spec, placeOf }) => {
    const { plan, issues } = loadCluster(spec, readPlacement(folder, spec));
    return { plan, issues: issues.map((issue) => at(issue, placeOf)), placeOf };
  });
  const planned = loaded.flatMap(({ plan, placeOf }) => (plan === undefined ? [] : [{ plan, placeOf }]));
  const plans = planned.map(({ plan }) => plan);
  const between = checkClusters(plans).map(({ cluster, issue }) => {
    const placeOf = planned[cluster]?.placeOf;
    return placeOf === undefined ? issue : at(issue, placeOf);
  });
  return {
    plans,
    issues: sortIssues([...ofFiles, ...loaded.flatMap(({ issues }) => issues), ...between]),
    files: groupBy(specs, ({ placeOf }) => placeOf('', '').file).map((group) => ({
      file: group[0].placeOf('', '').file,
      names: group.flatMap(({ spec }) => nameOf(spec)),
    })),
  };
};

const nameOf = (spec: unknown): string[] => {
  const name: unknown = typeof spec === 'object' && spec !== null && 'name' in spec ? spec.name : undefined;
  return typeof name === 'string' ? [name] : [];
};

const at = (issue: Issue, placeOf: FoundSpec['placeOf']): Issue => ({
  ...issue,
  place: placeOf(issue.path, issue.code),
});

const readSpecFile = (path: string): SpecFile => {
  const inside = relative(ROOT, path);
  const file = inside.startsWith('..') ? path : inside;
  return path.endsWith('.ts') ? readTypeScript(path, file) : readYaml(readFileSync(path, 'utf8'), file);
};

/**
 * The plans that a command works on, where nothing is wrong with any.
 * @param wanted name of one cluster; left out: all
 * @throws {SpecError} the findings where there is an error, the names that there are where none is called so
 */
export const plansOf = (folder: string, wanted?: string): readonly ClusterPlan[] => {
  const { plans, issues } = loadClusters(folder);
  if (issues.some(({ severity }) => severity === 'error'))
    throw new SpecError(`the spec is wrong\n${formatIssues(issues)}`);
  if (plans.length === 0) throw new SpecError(`there is no spec in ${folder}; add one, such as clusters/lab.yaml`);
  const chosen = plans.filter(({ name }) => wanted === undefined || name === wanted);
  if (chosen.length > 0) return chosen;
  throw new SpecError(`no cluster is called "${wanted ?? ''}"; there are ${plans.map(({ name }) => name).join(', ')}`);
};
