import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { formatIssues } from '../modules/model/issue';
import { loadCluster } from '../modules/model/load-cluster';
import { SpecError } from '../modules/model/spec-error';
import { readPlacement } from '../modules/placement/placement-file';
import { graphOf } from './graph';
import { fetchedBy } from './images';
import { platformOf } from './platform';
import { render } from './render';
import { diffTrees, readTree, writeTree } from './rendered-tree';

const HERE = dirname(fileURLToPath(import.meta.url));

const clustersFolder = resolve(HERE, '..', process.env['GROUNDWORK_CLUSTERS_DIR'] ?? 'clusters');

/** The plans of clusters/, or of the one cluster asked for. */
const plansOf = async (wanted?: string): Promise<ClusterPlan[]> => {
  const plans: ClusterPlan[] = [];
  for (const file of readdirSync(clustersFolder)
    .filter((name) => name.endsWith('.ts'))
    .sort()) {
    const specs = (await import(pathToFileURL(join(clustersFolder, file)).href)) as Readonly<Record<string, unknown>>;
    // A CommonJS module shows itself under these names, too
    for (const [name, spec] of Object.entries(specs)) {
      if (name === 'default' || name === 'module.exports') continue;
      const { plan, issues } = loadCluster(spec, readPlacement(clustersFolder, spec));
      if (plan === undefined) throw new SpecError(`${name}\n${formatIssues(issues)}`);
      plans.push(plan);
    }
  }
  const chosen = plans.filter(({ name }) => wanted === undefined || name === wanted);
  if (chosen.length === 0) {
    throw new SpecError(
      `no cluster is called "${wanted ?? ''}"; there are ${plans.map(({ name }) => name).join(', ')}`,
    );
  }
  return chosen;
};

const print = (text: string): void => void process.stdout.write(text);

/** Does it for every cluster that was asked for, one after the other. */
const each =
  (act: (plan: ClusterPlan, options: Readonly<Record<string, string | undefined>>) => Promise<void>) =>
  async (cluster: string | undefined, options: Readonly<Record<string, string | undefined>>): Promise<void> => {
    for (const plan of await plansOf(cluster)) await act(plan, options);
  };

const program = new Command('groundwork platform')
  .description('What Flux applies to a cluster, from its spec')
  .exitOverride();
const rendered = (plan: ClusterPlan, folder = join(HERE, 'rendered')): string => join(folder, plan.name);
const command = (name: string, description: string): Command =>
  program.command(name).description(description).argument('[cluster]', 'its name; left out: all clusters');

command('render', 'write platform/rendered/<cluster>, which is committed')
  .option('--output <folder>', 'write below this folder')
  .action(
    each(async (plan, { output }) => {
      const tree = render(plan, await platformOf(plan));
      writeTree(rendered(plan, output), tree);
      print(`${plan.name}: ${tree.size} files\n`);
    }),
  );
command('diff', 'what a render would change; exit status 1 where it would change anything').action(
  each(async (plan) => {
    const lines = diffTrees(readTree(rendered(plan)), render(plan, await platformOf(plan)));
    if (lines.length > 0) process.exitCode = 1;
    print(`${plan.name}: ${lines.length === 0 ? 'no change' : ''}\n${lines.map((line) => `${line}\n`).join('')}`);
  }),
);
command('graph', 'the order of stages, as Mermaid')
  .option('--write <file>', 'put it into this Markdown file, between its marks')
  .action(
    each(async (plan, { write }) => {
      const graph = graphOf(await platformOf(plan));
      if (write === undefined) {
        print(graph);
        return;
      }
      const text = readFileSync(write, 'utf8');
      const marks = /(<!-- graph -->\n)[\s\S]*(<!-- \/graph -->)/;
      if (!marks.test(text)) throw new SpecError(`${write} lacks the marks <!-- graph --> and <!-- /graph -->`);
      writeFileSync(write, text.replace(marks, `$1\n\`\`\`mermaid\n${graph}\`\`\`\n\n$2`));
    }),
  );
command('images', 'charts, images and repositories that a mirror must hold')
  .option('--json', 'as JSON')
  .action(
    each(async (plan, { json }) => {
      const rows = fetchedBy(await platformOf(plan));
      const table = rows
        .map((row) => `${row.kind}\t${row.repository}\t${row.name}\t${row.version}\t${row.stage}\n`)
        .join('');
      print(json === undefined ? table : `${JSON.stringify(rows, null, 2)}\n`);
    }),
  );
command('secrets', 'the Secrets that must be sealed before the platform is complete').action(
  each(async (plan) => {
    const secrets = (await platformOf(plan)).flatMap((stage) => stage.secrets ?? []);
    print(secrets.map(({ namespace, name, keys }) => `${namespace}\t${name}\t${keys.join(', ')}\n`).join(''));
  }),
);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof SpecError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else throw error;
}
