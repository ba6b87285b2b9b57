import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { examples, type Define, type ExitStatus, type Surroundings } from '../command';
import { findCluster, InputError } from '../deployment/find-cluster';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { TerraformWorkspace } from '../terraform/workspace';
import { detachProviders } from './detach-providers';
import type { StackJson } from './existing';
import { type Leftover, leftovers } from './leftovers';
import { recordedIn, type Recorded } from './recorded';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly unlock?: string;
}

const notLookedAt = (cluster: string): string =>
  `the state has no kubeconfig: what is in Kubernetes was not looked at; where the next deploy says that something is there already: npx groundwork recover ${cluster}`;

/** S3 has a RequestID before it. */
const LOCKED = /Error acquiring the state lock[\s\S]*?\bID: +([0-9a-f]{8}-[0-9a-f-]{27})/;

/**
 * Takes the lock of the state and gives it back: a state that is locked says so before anything is looked for. Terraform's
 * `untaint` reads under the lock, and with a resource that is not there it changes nothing.
 * @throws InputError with the command that takes a leftover lock away
 */
const checkLock = async (workspace: TerraformWorkspace, cluster: string): Promise<void> => {
  const probe = ['untaint', '-allow-missing', '-lock-timeout=5s', '-no-color', 'terraform_data.not_there'];
  await workspace.terraform(probe).catch((error: unknown) => {
    const [, id] = LOCKED.exec((error as Error).message) ?? [];
    if (id === undefined) throw error;
    throw new InputError(
      `the state is locked; where no deploy runs any more: npx groundwork recover ${cluster} --unlock ${id}`,
    );
  });
};

const clear = async (workspace: TerraformWorkspace, recorded: Recorded, leftover: Leftover): Promise<void> => {
  if (leftover.kind === 'import') {
    await workspace.terraform(['import', '-input=false', '-no-color', leftover.address, leftover.id]);
  } else if (recorded.kubernetes !== undefined) {
    await new KubernetesClient(recorded.kubernetes).delete(leftover.path);
  }
};

const recover = async (
  cluster: string | undefined,
  { dryRun = false, json = false, unlock }: Flags,
  { environment, out, err }: Surroundings,
): Promise<ExitStatus> => {
  const plan = findCluster(cluster, environment);
  const tell = (line: string): void => err(`${line}\n`);
  return TerraformWorkspace.use({ stack: plan.stack, environment, tell }, async (workspace) => {
    if (unlock !== undefined) await workspace.terraform(['force-unlock', '-force', unlock]);
    await checkLock(workspace, plan.name);
    const recorded = recordedIn(await workspace.terraform(['show', '-json', '-no-color']), plan.endpoint.url);
    const file = join(workspace.folder, 'cdk.tf.json');
    const stack = JSON.parse(readFileSync(file, 'utf8')) as StackJson;
    const found = await leftovers(plan, stack, recorded, environment);
    if (recorded.talos !== undefined && recorded.kubernetes === undefined) tell(notLookedAt(plan.name));
    if (!dryRun) {
      if (recorded.kubernetes === undefined) writeFileSync(file, JSON.stringify(detachProviders(stack)));
      for (const leftover of found) await clear(workspace, recorded, leftover);
    }
    const lines = found.map(({ kind, fact }) => `${kind === 'import' ? 'taken over' : 'record removed'}: ${fact}\n`);
    out(
      json
        ? `${JSON.stringify({ format: 1, cluster: plan.name, dryRun, leftovers: found }, undefined, 2)}\n`
        : lines.join(''),
    );
    const count =
      found.length === 0 ? 'nothing is in the way' : `${found.length} in the way${dryRun ? '' : ', cleared'}`;
    tell(`${plan.name}: ${count}; next: npx cdktf deploy ${plan.stack}`);
    return dryRun && found.length > 0 ? 1 : 0;
  });
};

/** `groundwork recover`: after a deploy that was cut off, clears what the next one would stumble over. */
export const recoverCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--dry-run', 'only say what is in the way')
    .option('--unlock <id>', 'take away the lock of the deploy that was cut off; Terraform prints its id')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork recover --dry-run', 'npx groundwork recover infrastructure'],
        'something is in the way and --dry-run left it there, or bad input',
      ),
    )
    .action((cluster: string | undefined, flags: Flags) =>
      run((surroundings) => recover(cluster, flags, surroundings)),
    );
};
