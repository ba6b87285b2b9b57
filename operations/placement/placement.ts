import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { formatIssues } from '../../modules/model/issue';
import { parseClusterSpec } from '../../modules/model/parse-spec';
import type { PlacementRecord } from '../../modules/model/placement';
import { planCluster } from '../../modules/model/plan-cluster';
import { SpecError } from '../../modules/model/spec-error';
import type { ParsedClusterSpec } from '../../modules/model/spec-schema';
import { readPlacement, writePlacement } from '../../modules/placement/placement-file';
import { readSpecs } from '../../specs/load-clusters';
import { deployedHosts } from './deployed-hosts';

/** Where things are, in place of the environment. */
export interface Folders {
  /** Of the specs and their records. */
  readonly clusters: string;
  /** Of local Terraform states. */
  readonly states: string;
}

/** A cluster, and the record that lies beside its spec. */
export interface RecordedCluster {
  readonly spec: ParsedClusterSpec;
  readonly record: PlacementRecord;
}

/** The clusters of a folder, or the one of a name. @throws SpecError where there is none, or where its fields are wrong */
export const recordedClusters = (folder: string, wanted?: string): RecordedCluster[] => {
  const { specs, issues: broken } = readSpecs(folder);
  if (broken.length > 0) throw new SpecError(`the spec is wrong\n${formatIssues(broken)}`);
  const found = specs.map(({ spec: written, placeOf }) => {
    const { spec, issues } = parseClusterSpec(written);
    const placed = issues.map((issue) => ({ ...issue, place: placeOf(issue.path, issue.code) }));
    if (spec === undefined) throw new SpecError(`the spec is wrong\n${formatIssues(placed)}`);
    return { spec, record: readPlacement(folder, written) };
  });
  const chosen = found.filter(({ spec }) => wanted === undefined || spec.name === wanted);
  if (chosen.length > 0) return chosen;
  throw new SpecError(
    `no cluster is called "${wanted ?? ''}"; there are ${found.map(({ spec }) => spec.name).join(', ')}`,
  );
};

/**
 * The plan of a cluster with the host of each node. Where there is no record yet, nodes that a Terraform state knows stay where
 * they are.
 * @param stateFile in place of the local state of the cluster, where there is one
 */
export const placeCluster = (
  { spec, record }: RecordedCluster,
  { states }: Pick<Folders, 'states'>,
  stateFile?: string,
): ClusterPlan => {
  const plan = planCluster(spec, record);
  const file = stateFile ?? join(states, `${plan.stack}.tfstate`);
  const text = stateFile === undefined && !existsSync(file) ? '' : readFileSync(file, 'utf8');
  // A synth makes the file; until the first deploy it is empty.
  if (stateFile === undefined && text === '') return plan;
  return planCluster(spec, { ...deployedHosts(plan, text), ...record });
};

/** Writes the host of every node but those whose spec says it; nodes that are no more are forgotten. @returns the file */
export const recordHosts = ({ clusters }: Pick<Folders, 'clusters'>, plan: ClusterPlan): string =>
  writePlacement(
    clusters,
    plan.name,
    Object.fromEntries(plan.nodes.filter(({ placedBy }) => placedBy !== 'spec').map(({ name, host }) => [name, host])),
  );

/**
 * Records another host for a node: the next deploy migrates its VM.
 * @returns the host that it was on
 * @throws SpecError where there is no such node or host, or where the spec gives the host
 */
export const moveNode = (
  { clusters }: Pick<Folders, 'clusters'>,
  { spec, record }: RecordedCluster,
  node: string,
  host: string,
): string => {
  const plan = planCluster(spec, record);
  const found = plan.nodes.find(({ name }) => name === node);
  const { hosts } = plan.proxmox;
  if (found === undefined) throw new SpecError(`cluster ${plan.name} has no node "${node}"`);
  if (!hosts.includes(host)) throw new SpecError(`"${host}" is none of the hosts ${hosts.join(', ')}; list it first`);
  if (found.placedBy === 'rule') {
    throw new SpecError(
      `the host of ${node} is not recorded yet; run npx groundwork placement ${plan.name} --write first`,
    );
  }
  if (found.placedBy === 'spec') {
    throw new SpecError(
      `the host of ${node} is written in its spec: nodePools.${found.pool}.nodes.${node}.host; change it there`,
    );
  }
  writePlacement(clusters, plan.name, { ...record, [node]: host });
  return found.host;
};
