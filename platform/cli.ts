import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { SpecError } from '../modules/model/spec-error';
import { clustersFolder, plansOf } from '../specs/load-clusters';
import { demandAndCapacity, demandRow, shortage, type Demand } from './demand';
import { graphOf, withGraphs } from './graph';
import { fetchedBy, type Fetched } from './images';
import { platformOf } from './platform';
import { render } from './render';
import { diffTrees, readTree, writeTree } from './rendered-tree';
import { report } from './report';
import type { NeededSecret, SourcedStage } from './stage';
import { seal, type SealOptions } from './sealing/seal';
import { withSealed } from './sealing/sealed-tree';

const HERE = dirname(fileURLToPath(import.meta.url));

/** The end of a command's help. */
const examples = (lines: readonly string[], finding = 'bad input'): string =>
  [
    '\nExamples:',
    ...lines.map((line) => `  $ npx groundwork platform ${line}`),
    `\nExit status: 0 good, 1 ${finding}, 2 wrong command line.`,
  ].join('\n');

const print = (text: string): void => void process.stdout.write(text);

const plansWanted = (cluster: string | undefined): readonly ClusterPlan[] =>
  plansOf(clustersFolder(process.env), cluster);

/** Does it for every cluster that was asked for, one after the other. */
const each =
  (act: (plan: ClusterPlan, options: Readonly<Record<string, string | undefined>>) => Promise<void>) =>
  async (cluster: string | undefined, options: Readonly<Record<string, string | undefined>>): Promise<void> => {
    for (const plan of plansWanted(cluster)) await act(plan, options);
  };

/** The commands of the platform. */
export const program = new Command('groundwork platform')
  .description('What Flux applies to a cluster, from its spec')
  .exitOverride();
const rendered = (plan: ClusterPlan, folder = join(HERE, 'rendered')): string => join(folder, plan.name);
const sealed = (plan: ClusterPlan): string =>
  join(resolve(process.env['GROUNDWORK_SEALED_DIR'] ?? join(HERE, 'sealed')), plan.name);
const stagesOf = async (plan: ClusterPlan): Promise<SourcedStage[]> =>
  withSealed(await platformOf(plan), sealed(plan), plan.platform.secrets);
const command = (name: string, description: string): Command =>
  program.command(name).description(description).argument('[cluster]', 'its name; left out: all clusters');

command('render', 'write platform/rendered/<cluster>, which is committed')
  .option('--output <folder>', 'write below this folder')
  .addHelpText('after', examples(['render', 'render infrastructure --output folder']))
  .action(
    each(async (plan, { output }) => {
      const stages = await stagesOf(plan);
      const tree = render(plan, stages);
      writeTree(rendered(plan, output), tree);
      print(`${plan.name}: ${tree.size} files\n`);
      const warning = shortage(plan, stages);
      if (warning !== undefined) process.stderr.write(`warning: ${plan.name}: ${warning}\n`);
    }),
  );
command('diff', 'what a render would change; exit status 1 where it would change anything')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    examples(['diff', 'diff infrastructure --json'], 'a render would change something, or bad input'),
  )
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly string[]> =>
      diffTrees(readTree(rendered(plan)), render(plan, await stagesOf(plan)));
    const changes = { key: 'changes', of, line: (line: string) => line, none: 'no change' };
    if (await report(changes, plansWanted(cluster), json, print)) process.exitCode = 1;
  });
command('graph', 'the order of stages, as Mermaid')
  .option('--write <file>', 'put those of all clusters that are meant into this Markdown file, between its marks')
  .addHelpText('after', examples(['graph', 'graph --write docs/PLATFORM.md']))
  .action(async (cluster: string | undefined, { write }: { readonly write?: string }) => {
    const graphs = await Promise.all(
      plansWanted(cluster).map(async (plan) => ({ name: plan.name, graph: graphOf(await platformOf(plan)) })),
    );
    if (write === undefined) print(graphs.map(({ graph }) => graph).join('\n'));
    else writeFileSync(write, withGraphs(write, readFileSync(write, 'utf8'), graphs));
  });
command('requests', 'what the pods of each stage ask for, their sum, and what the nodes have')
  .option('--json', 'as JSON')
  .addHelpText('after', examples(['requests', 'requests infrastructure --json']))
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly Demand[]> => demandAndCapacity(plan, await platformOf(plan));
    await report({ key: 'requests', of, line: demandRow }, plansWanted(cluster), json, print);
  });
command('images', 'charts, images and repositories that a mirror must hold')
  .option('--json', 'as JSON')
  .addHelpText('after', examples(['images', 'images infrastructure --json']))
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly Fetched[]> => fetchedBy(await platformOf(plan));
    const line = (row: Fetched): string => [row.kind, row.repository, row.name, row.version, row.stage].join('\t');
    await report({ key: 'fetched', of, line }, plansWanted(cluster), json, print);
  });
command('secrets', 'the Secrets that must be sealed before the platform is complete')
  .option('--json', 'as JSON')
  .addHelpText('after', examples(['secrets', 'secrets infrastructure --json']))
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly NeededSecret[]> =>
      (await platformOf(plan)).flatMap((stage) => stage.secrets ?? []);
    const line = ({ namespace, name, keys }: NeededSecret): string => [namespace, name, keys.join(', ')].join('\t');
    await report({ key: 'secrets', of, line }, plansWanted(cluster), json, print);
  });
program
  .command('seal')
  .description('seal one Secret into platform/sealed/<cluster>: its values are asked for, unseen, and never written')
  .argument('<secret>', 'namespace/name, as `groundwork platform secrets` lists it')
  .argument('[cluster]', 'its name; may be left out where there is one cluster')
  .option('--certificate <file>', 'of the controller, as `kubeseal --fetch-cert` prints it')
  .option('--recipients <file>', 'age recipients, one a line, where the spec chooses SOPS')
  .option('--from <key=file...>', 'take the value of a key from a file, byte for byte; key=- reads standard input', [])
  .addHelpText(
    'after',
    examples(['seal gitea/gitea-admin', 'seal csi-proxmox/proxmox-csi-config --from config.yaml=./config.yaml']),
  )
  .action(async (wanted: string, cluster: string | undefined, options: SealOptions) => {
    const [plan, ...others] = plansWanted(cluster);
    if (plan === undefined || others.length > 0)
      throw new SpecError('there are several clusters; name the one to seal for');
    const needed = (await platformOf(plan)).flatMap((stage) => stage.secrets ?? []);
    const path = await seal(plan, needed, wanted, sealed(plan), options, {
      input: process.stdin,
      output: process.stderr,
    });
    print(`${path}\n`);
    process.stderr.write('now: npx groundwork platform render\n');
  });

/** Runs one command line. Its exit status is the process'. */
export const run = async (parameters: readonly string[]): Promise<void> => {
  try {
    await program.parseAsync(parameters, { from: 'user' });
  } catch (error) {
    if (error instanceof SpecError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else throw error;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv.slice(2));
