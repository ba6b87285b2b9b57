import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { SpecError } from '../modules/model/spec-error';
import { clustersFolder, plansOf } from '../specs/load-clusters';
import { graphOf } from './graph';
import { fetchedBy } from './images';
import { platformOf } from './platform';
import { render } from './render';
import { diffTrees, readTree, writeTree } from './rendered-tree';
import type { SourcedStage } from './stage';
import { askHidden, valuesOfFiles } from './sealing/ask';
import { sealingKey, sealValue } from './sealing/envelope';
import { withSealed, writeSealed } from './sealing/sealed-tree';

const HERE = dirname(fileURLToPath(import.meta.url));

const print = (text: string): void => void process.stdout.write(text);

/** Does it for every cluster that was asked for, one after the other. */
const each =
  (act: (plan: ClusterPlan, options: Readonly<Record<string, string | undefined>>) => Promise<void>) =>
  async (cluster: string | undefined, options: Readonly<Record<string, string | undefined>>): Promise<void> => {
    for (const plan of plansOf(clustersFolder(process.env), cluster)) await act(plan, options);
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
  .action(
    each(async (plan, { output }) => {
      const tree = render(plan, await stagesOf(plan));
      writeTree(rendered(plan, output), tree);
      print(`${plan.name}: ${tree.size} files\n`);
    }),
  );
command('diff', 'what a render would change; exit status 1 where it would change anything').action(
  each(async (plan) => {
    const lines = diffTrees(readTree(rendered(plan)), render(plan, await stagesOf(plan)));
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
program
  .command('seal')
  .description('seal one Secret into platform/sealed/<cluster>: its values are asked for, unseen, and never written')
  .argument('<secret>', 'namespace/name, as `groundwork platform secrets` lists it')
  .argument('[cluster]', 'its name; may be left out where there is one cluster')
  .option('--certificate <file>', 'of the controller, as `kubeseal --fetch-cert` prints it', '')
  .option('--from <key=file...>', 'take the value of a key from a file, byte for byte; key=- reads standard input', [])
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
