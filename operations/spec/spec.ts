import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHECKOUT, InputError } from '../deployment/find-cluster';
import { formatIssues } from '../../modules/model/issue';
import { loadCluster } from '../../modules/model/load-cluster';
import { clustersFolder, loadClusters } from '../../specs/load-clusters';
import type { CodeExample } from '../../specs/reference/manual';
import { examples, type Define, type ExitStatus, type Surroundings } from '../command';

const load = createRequire(__filename);

interface CheckOptions {
  readonly json?: boolean;
}

/** Findings of all clusters, or those of the files that hold one: all at once. */
const check = (
  { environment, out, err }: Surroundings,
  wanted: string | undefined,
  options: CheckOptions,
): ExitStatus => {
  const folder = clustersFolder(environment);
  const { files, issues: all } = loadClusters(folder);
  const held = files.filter(({ names }) => wanted === undefined || names.includes(wanted)).map(({ file }) => file);
  if (wanted !== undefined && held.length === 0) {
    throw new InputError(
      `no cluster is called "${wanted}"; there are ${files.flatMap(({ names }) => names).join(', ')}`,
    );
  }
  const issues = all.filter(({ place }) => wanted === undefined || held.includes(place?.file ?? ''));
  if (options.json === true) out(`${JSON.stringify(issues, undefined, 2)}\n`);
  else if (issues.length > 0) out(`${formatIssues(issues)}\n`);
  else err(`nothing is wrong in ${held.join(', ')}\n`);
  return issues.some(({ severity }) => severity === 'error') ? 1 : 0;
};

const FIXTURES = join(CHECKOUT, '__tests__/fixtures/invalid');

/** An example of every code: what the fixture of its name raises. */
const codeExamples = (): CodeExample[] =>
  readdirSync(FIXTURES)
    .sort()
    .flatMap((file) => {
      const { spec, record } = load(join(FIXTURES, file)) as { spec: unknown; record?: Record<string, string> };
      return loadCluster(spec, record).issues.slice(0, 1);
    });

/** The JSON schema of a spec, as the repository holds it. */
export const schemaText = (): string => {
  const { clusterJsonSchema } = load(
    '../../specs/reference/json-schema',
  ) as typeof import('../../specs/reference/json-schema');
  return `${JSON.stringify(clusterJsonSchema(), undefined, 2)}\n`;
};

/** docs/SPEC.md, as the repository holds it. */
export const manualText = (): string =>
  (load('../../specs/reference/manual') as typeof import('../../specs/reference/manual')).manual(codeExamples());

export const SCHEMA_FILE = join(CHECKOUT, 'specs/cluster.schema.json');
export const MANUAL_FILE = join(CHECKOUT, 'docs/SPEC.md');

/** To the terminal, or to where the repository holds it. */
const give = ({ out, err }: Surroundings, text: string, file: string, write: boolean | undefined): ExitStatus => {
  if (write !== true) {
    out(text);
    return 0;
  }
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  err(`wrote ${file}\n`);
  return 0;
};

/** `groundwork spec`: what a spec may say, and what is wrong with yours. */
export const spec: Define = (command, run) => {
  command
    .command('check')
    .description('all that is wrong with the specs, with file and line')
    .argument('[cluster]', 'its name; left out: all clusters')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx groundwork spec check', 'npx groundwork spec check lab --json'], 'an error'))
    .action((cluster: string | undefined, options: CheckOptions) =>
      run((surroundings) => Promise.resolve(check(surroundings, cluster, options))),
    );
  command
    .command('schema')
    .description('the JSON schema for editors')
    .option('--write', 'to specs/cluster.schema.json, which is committed')
    .addHelpText(
      'after',
      examples(['npx groundwork spec schema', 'npx groundwork spec schema --write'], 'a fault of ours'),
    )
    .action(({ write }: { readonly write?: boolean }) =>
      run((surroundings) => Promise.resolve(give(surroundings, schemaText(), SCHEMA_FILE, write))),
    );
  command
    .command('manual')
    .description('the reference of every field, and of every finding')
    .option('--write', 'to docs/SPEC.md, which is committed')
    .addHelpText(
      'after',
      examples(['npx groundwork spec manual', 'npx groundwork spec manual --write'], 'a fault of ours'),
    )
    .action(({ write }: { readonly write?: boolean }) =>
      run((surroundings) => Promise.resolve(give(surroundings, manualText(), MANUAL_FILE, write))),
    );
};
