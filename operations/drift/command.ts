import { examples, type Define } from '../command';
import { findCluster } from '../deployment/find-cluster';
import { readPlan } from '../review/terraform-plan';
import { TerraformWorkspace } from '../terraform/workspace';
import { describeDrift, driftOf } from './drift';

/** `groundwork drift`: what was changed outside Terraform since the last deploy. */
export const driftCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork drift', 'npx groundwork drift infrastructure --json'],
        'something was changed outside, or bad input',
      ),
    )
    .action((cluster: string | undefined, { json }: { readonly json?: boolean }) =>
      run(async ({ environment, out, err }) => {
        const plan = findCluster(cluster, environment);
        const tell = (line: string): void => err(`${line}\n`);
        const drift = await TerraformWorkspace.use({ stack: plan.stack, environment, tell }, async (workspace) =>
          driftOf(readPlan(await workspace.plan(['-refresh-only']))),
        );
        out(
          json === true
            ? `${JSON.stringify({ format: 1, cluster: plan.name, drift }, undefined, 2)}\n`
            : describeDrift(drift),
        );
        if (drift.length === 0) err(`${plan.name}: nothing was changed outside\n`);
        else {
          err(`${plan.name}: changed outside: ${drift.length}. Keep it: write it into the spec.`);
          err(` Undo it: npx groundwork review ${plan.name}, then npx cdktf deploy ${plan.stack}\n`);
        }
        return drift.length === 0 ? 0 : 1;
      }),
    );
};
