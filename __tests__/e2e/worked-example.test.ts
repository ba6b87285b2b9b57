import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Copies a part of the checkout, type-checks it and renders
jest.setTimeout(180_000);

const root = join(__dirname, '../..');
const section = /## Adding a service to the platform\n([\s\S]*?)\n## /.exec(
  readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'),
)?.[1];
const blocks = [...(section ?? '').matchAll(/^ {3}```ts\n([\s\S]*?)\n {3}```$/gm)].map(([, code = '']) =>
  code.replace(/^ {3}/gm, ''),
);

/** A copy of what the platform is made of, with the packages of this checkout. */
const copy = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-example-'));
  for (const name of [
    'platform',
    'modules/model',
    'modules/placement',
    'specs',
    'clusters',
    'images',
    'package.json',
    'tsconfig.json',
  ]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
};

const edit = (folder: string, file: string, before: string | RegExp, after: string): void => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const edited = text.replace(before, after);
  expect({ file, changed: edited !== text }).toEqual({ file, changed: true });
  writeFileSync(path, edited);
};

const node = (folder: string, ...parameters: readonly string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
};

describe('the worked example of CONTRIBUTING', () => {
  test('done as it is written, type-checks and renders, and the default cluster is as it was', () => {
    const [image = '', code = ''] = blocks;
    const folder = copy();
    edit(folder, 'platform/versions.ts', 'export const IMAGES = {\n', `export const IMAGES = {\n${image}\n`);
    edit(folder, 'modules/model/cluster-plan.ts', /(export type ApplicationName =[^;]*);/, "$1 | 'miniflux';");
    edit(folder, 'modules/model/spec-schema.ts', "'matrix', 'monitoring'", "'matrix', 'monitoring', 'miniflux'");
    edit(
      folder,
      'platform/services/cloudnative-pg/cloudnative-pg.ts',
      "'matrix'] as const",
      "'matrix', 'miniflux'] as const",
    );
    mkdirSync(join(folder, 'platform/services/miniflux'));
    writeFileSync(join(folder, 'platform/services/miniflux/miniflux.ts'), code);

    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    // Its cache is not that of this checkout
    const cache = ['--tsBuildInfoFile', join(folder, 'types.tsbuildinfo')];
    expect(node(folder, tsc, '--noEmit', '-p', 'platform', ...cache)).toEqual({ status: 0, output: '' });
    expect(node(folder, '--import', 'tsx', 'platform/cli.ts', 'diff')).toMatchObject({ status: 0 });

    edit(folder, 'clusters/infrastructure.ts', /applications: \[/, "applications: ['miniflux', ");
    expect(node(folder, '--import', 'tsx', 'platform/cli.ts', 'render')).toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, 'platform/rendered/infrastructure/services/miniflux')).sort()).toEqual([
      'CiliumNetworkPolicy-needed.yaml',
      'Cluster-miniflux-db.yaml',
      'Deployment-miniflux.yaml',
      'HTTPRoute-miniflux.yaml',
      'Namespace-miniflux.yaml',
      'NetworkPolicy-default-deny.yaml',
      'PodDisruptionBudget-miniflux.yaml',
      'Service-miniflux.yaml',
    ]);
  });
});
