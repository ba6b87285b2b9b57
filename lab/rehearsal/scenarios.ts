import type { Cluster } from './checks';
import type { CheckResult } from './check-result';
import { vipFailover } from './vip-failover';

type Scenario = (cluster: Cluster) => Promise<CheckResult>;

/** What may be tried out on a deployed cluster, by name (`--scenario`). */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'vip-failover': vipFailover,
};

/** @throws Error where there is no scenario of that name */
export const scenarioOf = (name: string): Scenario => {
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario === undefined)
    throw new Error(`scenario "${name}" is unknown: use ${Object.keys(SCENARIOS).join(', ')}`);
  return scenario;
};

/** Before anything is started. @throws as `scenarioOf` */
export const checkScenarios = (names: readonly string[]): void => {
  names.forEach(scenarioOf);
};
