import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { parseKubeconfig, type KubernetesIdentity } from '../kubernetes/kubeconfig';
import { parseTalosconfig, type TalosIdentity } from '../talos/talosconfig';
import { CHECKOUT, InputError, type Environment } from './find-cluster';

const LIMIT_MS = 60_000;

/** Folder of the stack's Terraform JSON, in which `terraform` runs. */
export const stackFolder = ({ stack }: ClusterPlan, environment: Environment): string =>
  join(resolve(CHECKOUT, environment['CDKTF_OUTPUT'] ?? 'cdktf.out'), 'stacks', stack);

/**
 * What Terraform prints in the deployed stack's folder. Read by a pipe: a secret stands on no command line.
 * @throws InputError where the stack is not synthesized, or with Terraform's words
 */
const terraformPrints = async (
  plan: ClusterPlan,
  what: readonly string[],
  environment: Environment,
): Promise<string> => {
  const folder = stackFolder(plan, environment);
  if (!existsSync(folder)) {
    throw new InputError(`stack ${plan.stack} is not synthesized in ${folder}: npx cdktf deploy ${plan.stack}`);
  }
  const program = environment['TERRAFORM_BINARY_NAME'] ?? 'terraform';
  const parameters = [`-chdir=${folder}`, ...what];
  try {
    const { stdout } = await promisify(execFile)(program, parameters, { timeout: LIMIT_MS, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
    const words = what.filter((word) => !word.startsWith('-')).join(' ');
    throw new InputError(`terraform ${words} of stack ${plan.stack}: ${(stderr || message).trim()}`);
  }
};

/** An output of the deployed stack as text, from its state. @throws InputError where there is none */
export const terraformOutput = (plan: ClusterPlan, name: string, environment: Environment): Promise<string> =>
  terraformPrints(plan, ['output', '-raw', '-no-color', name], environment);

/** The deployed stack's state, with all its secrets. @throws InputError where there is none */
export const terraformState = (plan: ClusterPlan, environment: Environment): Promise<string> =>
  terraformPrints(plan, ['state', 'pull'], environment);

/**
 * A credential, from the first that there is: the file that `variable` of the environment names, `file` in the checkout,
 * the stack's output of that name. A file of another cluster is passed over.
 */
const credential = async <Identity>(
  plan: ClusterPlan,
  environment: Environment,
  { variable, file, parse, isOurs }: Source<Identity>,
): Promise<Identity> => {
  for (const path of [environment[variable], join(CHECKOUT, file)]) {
    if (path === undefined || path === '' || !existsSync(path)) continue;
    const identity = parse(readFileSync(path, 'utf8'));
    if (isOurs(identity)) return identity;
  }
  return parse(await terraformOutput(plan, file, environment));
};

interface Source<Identity> {
  readonly variable: string;
  readonly file: string;
  readonly parse: (text: string) => Identity;
  readonly isOurs: (identity: Identity) => boolean;
}

/** @throws Error where there is none for this cluster */
export const findKubeconfig = (plan: ClusterPlan, environment: Environment): Promise<KubernetesIdentity> =>
  credential(plan, environment, {
    variable: 'KUBECONFIG',
    file: 'kubeconfig',
    parse: parseKubeconfig,
    isOurs: ({ server }) => server.origin === new URL(plan.endpoint.url).origin,
  });

/** @throws Error where there is none for this cluster */
export const findTalosconfig = (plan: ClusterPlan, environment: Environment): Promise<TalosIdentity> =>
  credential(plan, environment, {
    variable: 'TALOSCONFIG',
    file: 'talosconfig',
    parse: parseTalosconfig,
    isOurs: ({ context }) => context === plan.name,
  });
