import { checkPlan } from './check-plan';
import type { ClusterPlan } from './cluster-plan';
import { sortIssues, type Issue } from './issue';
import { parseClusterSpec } from './parse-spec';
import type { PlacementRecord } from './placement';
import { planCluster } from './plan-cluster';

export interface LoadedCluster {
  /** Missing where there is an error; there in spite of warnings. */
  readonly plan?: ClusterPlan;
  /** All at once: errors first, by path. `formatIssues` prints them. */
  readonly issues: readonly Issue[];
}

/**
 * From what a person wrote to a plan that can be deployed, or everything that keeps it from that. Nothing is thrown.
 * @param record hosts that were chosen before, from the file beside the spec
 */
export const loadCluster = (input: unknown, record: PlacementRecord = {}): LoadedCluster => {
  const { spec, issues: found } = parseClusterSpec(input);
  if (spec === undefined) return { issues: sortIssues(found) };
  const plan = planCluster(spec, record);
  const issues = sortIssues([...found, ...checkPlan(plan)]);
  return issues.some(({ severity }) => severity === 'error') ? { issues } : { plan, issues };
};
