import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { examples, type Define, type Surroundings } from '../command';
import { terraformOutput } from '../deployment/credentials';
import { CHECKOUT, findCluster } from '../deployment/find-cluster';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { renewCredentials } from './renew';

const KINDS = ['kubeconfig', 'talosconfig'] as const;

/** `kubeconfig` for the cluster `infrastructure`, `lab.kubeconfig` for the cluster `lab`: .gitignore knows both. */
const fileName = ({ name, stack }: ClusterPlan, kind: (typeof KINDS)[number]): string =>
  stack === 'infrastructure' ? kind : `${name}.${kind}`;

/** Whole or not at all, and at no time readable by others, whatever the umask: a file that was there is replaced, not written to. */
const writeSecret = (file: string, folder: string, kind: string, text: string): void => {
  const unfinished = join(folder, `unfinished-${process.pid}.${kind}`);
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
};

interface Options {
  readonly output?: string;
  readonly renew?: boolean;
}

const write = async (
  surroundings: Surroundings,
  cluster: string | undefined,
  { output, renew = false }: Options,
): Promise<number> => {
  const plan = findCluster(cluster, surroundings.environment);
  if (renew) await renewCredentials(plan, surroundings);
  const folder = output === undefined ? CHECKOUT : resolve(output);
  // Both first: one of an old cluster beside one of a new would be worse than none.
  const texts = await Promise.all(
    KINDS.map(async (kind) => ({ kind, text: await terraformOutput(plan, kind, surroundings.environment) })),
  );
  for (const { kind, text } of texts) {
    const file = join(folder, fileName(plan, kind));
    writeSecret(file, folder, kind, text);
    surroundings.err(`wrote ${file}\n`);
  }
  return 0;
};

/** `groundwork credentials`: no provider of the set writes files, and a file that Terraform wrote would lie in the plan. */
export const credentials: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; may be left out where there is one')
    .option('--output <folder>', 'write there instead of the checkout')
    .option('--renew', 'have the cluster sign a new kubeconfig first, and a new talosconfig in its last month')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork credentials', 'npx groundwork credentials lab', 'npx groundwork credentials --renew'],
        'the cluster is not deployed',
      ),
    )
    .action((cluster: string | undefined, options: Options) =>
      run((surroundings) => write(surroundings, cluster, options)),
    );
};
