import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDifferences, providersOf } from '../differences';
import type { RehearsalOptions, RunningLab } from '../world/running-lab';
import { exitStatus, look, type CheckResult } from './check-result';
import { destroyed, etcdQuorum, helmReleases, nodesReady, secondPlan, vipHolder, type Cluster } from './checks';
import { KubernetesApi } from './kubernetes-api';
import { showPhases } from './phase-view';
import type { PhaseState } from './phases';
import { table, type RehearsalReport } from './report';
import { scenarioOf } from './scenarios';
import { createScreen, type Screen } from './screen';
import { TalosApi } from './talos-api';
import { cdktf, fetchCredentials, plannedResources } from './terraform';

/** Last lines of a failed step that are shown. */
const LAST_LINES = 25;
const STOPPED = 130;
/** A VIP moves within 10 s (kube-vip's lease of 5 s), and a node is Ready again soon after. */
const PATIENCE_MS = 20_000;

interface Progress {
  readonly checks: CheckResult[];
  phases: readonly PhaseState[];
  readonly seconds: Record<string, number>;
}

const lastLines = (logFolder: string, log: string): readonly string[] =>
  readFileSync(join(logFolder, `${log}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-LAST_LINES);

const deploy = async (lab: RunningLab, screen: Screen, progress: Progress): Promise<boolean> => {
  const started = performance.now();
  const now = (): number => (performance.now() - started) / 1000;
  screen.say(`cdktf deploy ${lab.site.stack}: ${lab.site.nodes.length} nodes at ${lab.site.proxmox.endpoint}`);
  const view = showPhases(screen, () => plannedResources(lab), now);
  let created = 0;
  const { status, seconds } = await cdktf(lab, 'deploy', {
    onLine: (line) => {
      view.read(line);
      created = Number(/Resources: (\d+) added/.exec(line)?.[1] ?? created);
    },
  }).finally(() => {
    progress.phases = view.close();
  });
  progress.seconds['deploy'] = seconds;
  const ready = progress.phases.find(({ name }) => name === 'nodes')?.endedAt;
  if (ready !== undefined) progress.seconds['nodesReady'] = ready;
  const good = status === 0;
  progress.checks.push({
    check: 'deploy',
    status: good ? 'PASS' : 'FAIL',
    fact: `cdktf deploy ${lab.site.stack}: status ${status}, ${created} resources in ${seconds.toFixed(1)} s`,
    ...(good ? {} : { fix: `look into ${lab.logFolder}` }),
    seen: { status, created, seconds },
  });
  if (!good && !lab.stopping.aborted) {
    screen.say(`last lines of ${join(lab.logFolder, 'cdktf-deploy.log')}:`);
    for (const line of lastLines(lab.logFolder, 'cdktf-deploy')) screen.say(`  ${line}`);
  }
  return good;
};

/** The cluster as an administrator reaches it; undefined where the deploy gave no credentials. */
const reach = async (lab: RunningLab, patienceMs: number, progress: Progress): Promise<Cluster | undefined> => {
  let cluster: Cluster | undefined;
  const found = await look('credentials', `look into ${lab.logFolder}`, async () => {
    const { kubeconfig, talosconfig } = await fetchCredentials(lab);
    cluster = { lab, api: new KubernetesApi(kubeconfig), talos: new TalosApi(talosconfig), patienceMs };
    return { good: true, fact: `kubeconfig for ${cluster.api.server.origin} and talosconfig, from the outputs` };
  });
  progress.checks.push(found);
  return cluster;
};

/** Looks at what was deployed, and tries the scenarios; each result is shown as it comes. */
const inspect = async (
  lab: RunningLab,
  scenarios: readonly string[],
  { screen, patienceMs }: Surroundings,
  progress: Progress,
): Promise<void> => {
  const cluster = await reach(lab, patienceMs, progress);
  if (cluster === undefined) return;
  const steps: readonly ((cluster: Cluster) => Promise<CheckResult>)[] = [
    nodesReady,
    vipHolder,
    etcdQuorum,
    helmReleases,
    secondPlan,
    ...scenarios.map((name) => scenarioOf(name)),
  ];
  for (const step of steps) {
    if (lab.stopping.aborted) return;
    const result = await step(cluster);
    progress.checks.push(result);
    screen.say(`${result.status} ${result.check}`);
  }
};

/** Times that a check took belong into the table, too. */
const collectTimes = ({ checks, seconds }: Progress): void => {
  const seenBy = (check: string): Readonly<Record<string, unknown>> =>
    (checks.find((result) => result.check === check)?.seen ?? {}) as Readonly<Record<string, unknown>>;
  const take = (name: string, value: unknown): void => {
    if (typeof value === 'number') seconds[name] = value;
  };
  take('secondPlan', seenBy('second-plan')['planSeconds']);
  take('diff', seenBy('second-plan')['diffSeconds']);
  take('vipFailover', seenBy('vip-failover')['seconds']);
  take('destroy', seenBy('destroy')['seconds']);
};

const processScreen = (lab: RunningLab, json: boolean): Screen =>
  createScreen({
    data: process.stdout,
    status: process.stderr,
    live: lab.interactive && !json,
    colours: lab.interactive && !json && (lab.environment['NO_COLOR'] ?? '') === '',
  });

interface Surroundings {
  readonly screen: Screen;
  /** How long a check of the running cluster looks again before it has failed. */
  readonly patienceMs: number;
}

/**
 * Deploys the stack for real in a running lab, looks at what was reached, and destroys it again.
 * @returns exit status: 0 where every check passed, 130 where it was stopped, else 1
 */
export const rehearse = async (
  lab: RunningLab,
  options: RehearsalOptions,
  { screen, patienceMs }: Surroundings = { screen: processScreen(lab, options.json), patienceMs: PATIENCE_MS },
): Promise<number> => {
  const scenarios = options.scenarios ?? [];
  const progress: Progress = { checks: [], phases: [], seconds: { ...lab.seconds } };
  if (await deploy(lab, screen, progress)) {
    await inspect(lab, scenarios, { screen, patienceMs }, progress);
    if (options.destroy && !options.keep && !lab.stopping.aborted) {
      screen.say(`cdktf destroy ${lab.site.stack}`);
      progress.checks.push(await destroyed({ lab }));
    } else {
      progress.checks.push({
        check: 'destroy',
        status: 'SKIP',
        fact: options.keep ? 'the lab is kept' : 'not asked for',
      });
    }
  }
  if (lab.stopping.aborted) return STOPPED;
  collectTimes(progress);
  const status = exitStatus(progress.checks);
  const report: RehearsalReport = {
    version: 1,
    stack: lab.site.stack,
    profile: options.profile,
    status,
    ...progress,
    peakMemoryBytes: lab.peakMemoryBytes(),
    logFolder: lab.logFolder,
    differences: labDifferences(providersOf(lab.environment['GROUNDWORK_PROVIDER_VERSIONS'] ?? '')),
  };
  screen.print(options.json ? JSON.stringify(report, null, 2) : table(report, screen));
  if (status !== 0) screen.say(`logs: ${lab.logFolder}`);
  return status;
};
