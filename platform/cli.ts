import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { SpecError } from '../modules/model/spec-error';
import { clustersFolder, plansOf } from '../specs/load-clusters';
import { graphOf } from './graph';
import { fetchedBy, type Fetched } from './images';
import { platformOf } from './platform';
import { render } from './render';
import { diffTrees, readTree, writeTree } from './rendered-tree';
import { report } from './report';
import type { NeededSecret, SourcedStage } from './stage';
import { askHidden, valuesOfFiles } from './sealing/ask';
import { sealingKey, sealValue } from './sealing/envelope';
import { withSealed, writeSealed } from './sealing/sealed-tree';

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
const sealedFolder = resolve(process.env['GROUNDWORK_SEALED_DIR'] ?? join(HERE, 'sealed'));
const sealed = (plan: ClusterPlan): string => join(sealedFolder, plan.name);
const stagesOf = async (plan: ClusterPlan): Promise<SourcedStage[]> => withSealed(await platformOf(plan), sealed(plan));
const command = (name: string, description: string): Command =>
  program.command(name).description(description).argument('[cluster]', 'its name; left out: all clusters');

command('render', 'write platform/rendered/<cluster>, which is committed')
  .option('--output <folder>', 'write below this folder')
  .addHelpText('after', examples(['render', 'render infrastructure --output folder']))
  .action(
    each(async (plan, { output }) => {
      const tree = render(plan, await stagesOf(plan));
      writeTree(rendered(plan, output), tree);
      print(`${plan.name}: ${tree.size} files\n`);
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
    if (await report(changes, plansWanted(cluster), json)) process.exitCode = 1;
  });
command('graph', 'the order of stages, as Mermaid')
  .option('--write <file>', 'put it into this Markdown file, between its marks')
  .addHelpText('after', examples(['graph', 'graph infrastructure --write docs/PLATFORM.md']))
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
  .addHelpText('after', examples(['images', 'images infrastructure --json']))
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly Fetched[]> => fetchedBy(await platformOf(plan));
    const line = (row: Fetched): string => [row.kind, row.repository, row.name, row.version, row.stage].join('\t');
    await report({ key: 'fetched', of, line }, plansWanted(cluster), json);
  });
command('secrets', 'the Secrets that must be sealed before the platform is complete')
  .option('--json', 'as JSON')
  .addHelpText('after', examples(['secrets', 'secrets infrastructure --json']))
  .action(async (cluster: string | undefined, { json }: { readonly json?: boolean }) => {
    const of = async (plan: ClusterPlan): Promise<readonly NeededSecret[]> =>
      (await platformOf(plan)).flatMap((stage) => stage.secrets ?? []);
    const line = ({ namespace, name, keys }: NeededSecret): string => [namespace, name, keys.join(', ')].join('\t');
    await report({ key: 'secrets', of, line }, plansWanted(cluster), json);
  });
program
  .command('seal')
  .description('seal one Secret into platform/sealed/<cluster>: its values are asked for, unseen, and never written')
  .argument('<secret>', 'namespace/name, as `groundwork platform secrets` lists it')
  .argument('[cluster]', 'its name; may be left out where there is one cluster')
  .option('--certificate <file>', 'of the controller, as `kubeseal --fetch-cert` prints it', '')
  .option('--from <key=file...>', 'take the value of a key from a file, byte for byte; key=- reads standard input', [])
  .addHelpText(
    'after',
    examples(['seal gitea/gitea-admin', 'seal csi-proxmox/proxmox-csi-config --from config.yaml=./config.yaml']),
  )
  .action(async (wanted: string, cluster: string | undefined, options: { certificate: string; from: string[] }) => {
    const [plan, ...others] = plansOf(clustersFolder(process.env), cluster);
    if (plan === undefined || others.length > 0)
      throw new SpecError('there are several clusters; name the one to seal for');
    const needed = (await platformOf(plan)).flatMap((stage) => stage.secrets ?? []);
    const secret = needed.find(({ namespace, name }) => `${namespace}/${name}` === wanted);
    if (secret === undefined) {
      const list = needed.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
      throw new SpecError(`nothing needs the Secret "${wanted}"; there are ${list}`);
    }
    const certificate = options.certificate === '' ? join(sealed(plan), 'certificate.pem') : options.certificate;
    if (!existsSync(certificate)) {
      throw new SpecError(`no certificate at ${certificate}; write it: kubeseal --fetch-cert > ${certificate}`);
    }
    const key = sealingKey(readFileSync(certificate, 'utf8'), new Date());
    const values = valuesOfFiles(options.from, secret.keys);
    const missing = secret.keys.filter((name) => !values.has(name));
    if (missing.length > 0 && !process.stdin.isTTY) {
      throw new SpecError(
        `no value for ${missing.join(', ')}, and no terminal to ask at; give --from ${missing[0] ?? ''}=<file>`,
      );
    }
    for (const name of missing) {
      const value = await askHidden(`${wanted} ${name}: `, process.stdin, process.stderr);
      if (value === '') throw new SpecError(`the value of ${name} is empty; give one`);
      values.set(name, Buffer.from(value));
    }
    const data = secret.keys.map((name) => [name, sealValue(key, secret, values.get(name) ?? Buffer.alloc(0))]);
    const path = writeSealed(sealed(plan), secret, Object.fromEntries(data) as Record<string, string>);
    print(`${path}\n`);
    process.stderr.write('now: npx groundwork platform render\n');
  });

const main = async (): Promise<void> => {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof SpecError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else throw error;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
