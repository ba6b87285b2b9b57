import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The platform is ESM, as its libraries are: a process of its own runs it, as `groundwork platform` does. */
const node = (
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string,
): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...parameters], {
    cwd: root,
    encoding: 'utf8',
    ...(input !== undefined && { input }),
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
};

export const platform = (parameters: readonly string[], environment?: Readonly<Record<string, string>>): Ran =>
  node(['platform/cli.ts', ...parameters], environment);

export interface Case {
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Several command lines in one process, which takes seconds to load what it needs: what each printed, by the name of its case. */
export const platformCases = <Name extends string>(cases: Readonly<Record<Name, Case>>): Record<Name, Ran> => {
  const given = Object.values<Case>(cases).map(({ parameters, environment = {} }) => ({ parameters, environment }));
  const { status, stdout, stderr } = node([join(__dirname, 'esm/run-cases.ts')], {}, JSON.stringify(given));
  if (status !== 0) throw new Error(`run-cases.ts ended with status ${status ?? 'none'}\n${stderr}`);
  const results = JSON.parse(stdout) as Ran[];
  const names = Object.keys(cases) as Name[];
  return Object.fromEntries(names.map((name, index) => [name, results[index]])) as Record<Name, Ran>;
};

/**
 * The default cluster's spec with other fields, in a folder of its own for GROUNDWORK_CLUSTERS_DIR.
 * @param change source text of the fields that are other
 */
export const clusterWith = (change: string): Readonly<Record<string, string>> => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-platform-'));
  const original = join(root, 'clusters/infrastructure');
  writeFileSync(
    join(folder, 'changed.ts'),
    `import { infrastructure } from '${original}';\nexport const changed = { ...infrastructure, ${change} };\n`,
  );
  return { GROUNDWORK_CLUSTERS_DIR: folder };
};

/** Runs a TypeScript file beside this one that prints JSON, and gives what it printed. */
export const reported = (file: string, ...parameters: readonly string[]): Readonly<Record<string, string>> => {
  const { status, stdout, stderr } = node([join(__dirname, file), ...parameters]);
  if (status !== 0) throw new Error(`${file} ended with status ${status ?? 'none'}\n${stderr}`);
  return JSON.parse(stdout) as Record<string, string>;
};
