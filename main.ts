import { App } from 'cdktf';
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatIssues } from './modules/model/issue';
import { SpecError } from './modules/model/spec-error';
import { parseState } from './modules/model/state';
import { providerVersions } from './modules/providers/provider-versions';
import { clustersFolder, loadClusters } from './specs/load-clusters';
import { InfrastructureStack } from './stacks/infrastructure-stack';
import { quietStackTraces } from './stacks/quiet-stack-traces';
import { protectStateFiles, wasInterrupted } from './stacks/state-files';

const synthesize = (): void => {
  const versions = providerVersions(process.env['GROUNDWORK_PROVIDER_VERSIONS'] ?? '');
  const stateDirectory = process.env['GROUNDWORK_STATE_DIR'] ?? '../../../terraform-state';
  const { plans, issues } = loadClusters(clustersFolder(process.env));
  if (issues.length > 0) console.error(formatIssues(issues));
  const wrong = issues.some(({ severity }) => severity === 'error');
  if (wrong) throw new SpecError('nothing is synthesized until the errors are mended');
  const app = new App();
  const state = process.env['GROUNDWORK_STATE'];
  for (const spec of plans) {
    const plan = state === undefined ? spec : { ...spec, state: parseState(state) };
    const stack = new InfrastructureStack(app, { plan, providerVersions: versions, stateDirectory });
    const folder = resolve(app.outdir, 'stacks', plan.stack, stateDirectory);
    const command = `npx groundwork recover ${plan.name}`;
    if (plan.state.kind !== 'local') {
      // Nobody knows here whether a deploy was cut off: its lock is where the state is.
      console.error(`note: where a deploy of ${plan.stack} was cut off, before the next one: ${command}`);
      continue;
    }
    protectStateFiles(folder, plan.stack);
    if (wasInterrupted(folder, plan.stack)) {
      const note = `a deploy of ${plan.stack} was cut off, or runs now; before the next one: ${command}`;
      console.error(`note: ${note}`);
      stack.warn(note);
    }
  }
  app.synth();
  // Terraform writes into it: plans, and a state that it could not bring to its place.
  chmodSync(app.outdir, 0o700);
};
try {
  if (process.env['GROUNDWORK_STACK_TRACES'] !== '1') quietStackTraces();
  synthesize();
} catch (error) {
  if (!(error instanceof SpecError)) throw error; // ours: with its trace
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
