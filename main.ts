import { App } from 'cdktf';
import { formatIssues } from './modules/model/issue';
import { SpecError } from './modules/model/spec-error';
import { providerVersions } from './modules/providers/provider-versions';
import { clustersFolder, loadClusters } from './specs/load-clusters';
import { InfrastructureStack } from './stacks/infrastructure-stack';
import { quietStackTraces } from './stacks/quiet-stack-traces';

const synthesize = (): void => {
  const versions = providerVersions(process.env['GROUNDWORK_PROVIDER_VERSIONS'] ?? '');
  const stateDirectory = process.env['GROUNDWORK_STATE_DIR'] ?? '../../../terraform-state';
  const { plans, issues } = loadClusters(clustersFolder(process.env));
  if (issues.length > 0) console.error(formatIssues(issues));
  const wrong = issues.some(({ severity }) => severity === 'error');
  if (wrong) throw new SpecError('nothing is synthesized until the errors are mended');
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
