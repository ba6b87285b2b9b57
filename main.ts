import { App } from 'cdktf';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { formatIssues } from './modules/model/issue';
import { loadCluster } from './modules/model/load-cluster';
import { SpecError } from './modules/model/spec-error';
import { readPlacement } from './modules/placement/placement-file';
import { providerVersions } from './modules/providers/provider-versions';
import { InfrastructureStack } from './stacks/infrastructure-stack';
import { quietStackTraces } from './stacks/quiet-stack-traces';

const folder = resolve(__dirname, process.env['GROUNDWORK_CLUSTERS_DIR'] ?? 'clusters');

/** Every export of every file in clusters/ is the spec of a cluster. */
const clusters = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap((file) => Object.entries(createRequire(__filename)(join(folder, file)) as object))
  .map(([name, spec]: [string, unknown]) => ({ name, ...loadCluster(spec, readPlacement(folder, spec)) }));

const synthesize = (): void => {
  const versions = providerVersions(process.env['GROUNDWORK_PROVIDER_VERSIONS'] ?? '');
  const stateDirectory = process.env['GROUNDWORK_STATE_DIR'] ?? '../../../terraform-state';
  for (const { name, issues } of clusters) if (issues.length > 0) console.error(`${name}\n${formatIssues(issues)}`);
  const plans = clusters.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  if (plans.length < clusters.length) throw new SpecError('nothing is synthesized until the errors are mended');
  const twice = plans.find(({ stack }, index) => plans.findIndex((plan) => plan.stack === stack) < index);
  if (twice !== undefined) throw new SpecError(`two clusters in ${folder} have the name "${twice.name}"; rename one`);
  const app = new App();
  for (const plan of plans) new InfrastructureStack(app, { plan, providerVersions: versions, stateDirectory });
  app.synth();
};
try {
  if (process.env['GROUNDWORK_STACK_TRACES'] !== '1') quietStackTraces();
  synthesize();
} catch (error) {
  if (!(error instanceof SpecError)) throw error; // ours: with its trace
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
