import type { RunCommand } from './command';
import { compareVersions, findCommand } from './preconditions.cjs';
import { MINIMUM_TERRAFORM } from './versions';

/** A Terraform or OpenTofu that will do. */
export interface TerraformProgram {
  readonly path: string;
  readonly product: 'terraform' | 'tofu';
  readonly version: string;
}

/** What was found, and why what was passed over will not do. */
export interface TerraformSearch {
  readonly found?: TerraformProgram;
  /** One line each, as `/usr/bin/terraform is Terraform 1.5.7: 1.11.0 or newer is needed`. */
  readonly refused: readonly string[];
  /** True where the user named a program, so that no other may take its place. */
  readonly named: boolean;
}

/** The names to look for, in order: what TERRAFORM_BINARY_NAME names (cdktf's own variable), else either product. */
export const terraformCandidates = (env: NodeJS.ProcessEnv): readonly string[] =>
  env['TERRAFORM_BINARY_NAME'] ? [env['TERRAFORM_BINARY_NAME']] : ['terraform', 'tofu'];

/** The first candidate that is new enough. Asks each for its version, which takes about 50 ms. */
export const findTerraform = async (run: RunCommand, env: NodeJS.ProcessEnv): Promise<TerraformSearch> => {
  const named = Boolean(env['TERRAFORM_BINARY_NAME']);
  const refused: string[] = [];
  for (const name of terraformCandidates(env)) {
    const path = findCommand(name, env);
    if (path === undefined) {
      if (named) refused.push(`TERRAFORM_BINARY_NAME is ${name}: there is no such command`);
      continue;
    }
    const { output } = await run(path, ['version'], { env: { ...env, CHECKPOINT_DISABLE: '1' } });
    const [, brand, version = ''] = /^(Terraform|OpenTofu) v(\S+)/m.exec(output) ?? [];
    const product = brand === 'OpenTofu' ? 'tofu' : 'terraform';
    const minimum = MINIMUM_TERRAFORM[product];
    if (brand === undefined)
      refused.push(`${path} does not say which version it is: it printed "${firstLine(output)}"`);
    else if (compareVersions(version, minimum) < 0)
      refused.push(`${path} is ${brand} ${version}: ${minimum} or newer is needed`);
    else return { found: { path, product, version }, refused, named };
  }
  return { refused, named };
};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
