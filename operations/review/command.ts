import { Option } from 'commander';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { examples, type Define, type Surroundings } from '../command';
import { findCluster, InputError } from '../deployment/find-cluster';
import { TerraformWorkspace } from '../terraform/workspace';
import { renderMarkdown } from './render-markdown';
import { renderText } from './render-text';
import { reviewPlan, type Review } from './review-plan';
import { RISKS, type Risk } from './rule';
import { readPlan } from './terraform-plan';

interface ReviewFlags {
  readonly plan?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly failOn: Exclude<Risk, 'none'> | 'never';
  readonly etcdMembers?: string;
}

/** The JSON in a file; undefined where the file is a plan as Terraform saves it. */
const jsonOf = (file: string): unknown => {
  try {
    const text = readFileSync(file, 'utf8');
    return text.trimStart().startsWith('{') ? JSON.parse(text) : undefined;
  } catch (error) {
    throw new InputError(`${file} can't be read as a plan: ${(error as Error).message}`);
  }
};

const planOf = async (stack: string, { plan }: ReviewFlags, { environment, err }: Surroundings): Promise<unknown> => {
  const json = plan === undefined ? undefined : jsonOf(plan);
  if (json !== undefined) return json;
  const tell = (line: string): void => err(`${line}\n`);
  return TerraformWorkspace.use({ stack, environment, tell }, (workspace) =>
    plan === undefined ? workspace.plan() : workspace.show(resolve(plan)),
  );
};

const render = (found: Review, flags: ReviewFlags, colours: boolean): string => {
  if (flags.json === true) return `${JSON.stringify({ format: 1, ...found }, null, 2)}\n`;
  return flags.markdown === true ? renderMarkdown(found) : `${renderText(found, colours)}\n`;
};

/** `groundwork review`: what a plan does to the cluster. */
export const review: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; not needed where there is one')
    .option('--plan <file>', 'a plan saved by `terraform plan -out`, or its JSON (default: make one)')
    .option('--markdown', 'as a comment for a pull request')
    .option('--json', 'as JSON')
    .addOption(
      new Option('--fail-on <risk>', 'exit status 1 from this risk on')
        .choices(['low', 'high', 'destructive', 'never'])
        .default('destructive'),
    )
    .option('--etcd-members <names>', 'host names of etcd’s members with commas, as `talosctl etcd members` lists them')
    .addHelpText(
      'after',
      examples(
        [
          'npx groundwork review',
          'npx groundwork review infrastructure --fail-on high',
          'npx groundwork review --plan plan.json --markdown',
        ],
        'a risk that --fail-on names, or bad input',
      ),
    )
    .action((cluster: string | undefined, flags: ReviewFlags) =>
      run(async (surroundings) => {
        const { stack } = findCluster(cluster, surroundings.environment);
        const plan = readPlan(await planOf(stack, flags, surroundings));
        const etcdMembers = flags.etcdMembers?.split(',').filter((name) => name !== '');
        const found = reviewPlan(plan, { stack, etcdMembers });
        surroundings.out(render(found, flags, surroundings.colours));
        if (flags.failOn === 'never') return 0;
        return RISKS.indexOf(found.risk) >= RISKS.indexOf(flags.failOn) ? 1 : 0;
      }),
    );
};
