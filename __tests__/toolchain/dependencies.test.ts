import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES_FOLDER } from '../../toolchain/go-module';
import { ALL_PROGRAMS } from '../../toolchain/programs';
import { PROVIDER_NAMES, REGISTRY_PROVIDERS } from '../../toolchain/versions';

const checkout = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;

/** First column of the tables in docs/DEPENDENCIES.md, by heading. */
const documented = (heading: string): string[] => {
  const section = read('docs/DEPENDENCIES.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (\S+) +\|/gm)].map(([, name = '']) => name);
  return rows.filter((name) => !/^(package|module|provider|-+)$/.test(name));
};

describe('docs/DEPENDENCIES.md', () => {
  test.each([
    ['npm packages, in use at run time', Object.keys(manifest.dependencies)],
    ['npm packages, in use for tests, the lab and the set-up', Object.keys(manifest.devDependencies)],
    ['Programs built from Go modules', readdirSync(MODULES_FOLDER)],
    ['Terraform providers from the registry', [...PROVIDER_NAMES]],
  ])('%s: says why of each, and of no other', (heading, names) => {
    expect(documented(heading).sort()).toEqual([...names].sort());
  });

  test('every folder of toolchain/modules is built by somebody', () => {
    expect(ALL_PROGRAMS.map(({ module }) => module).sort()).toEqual(readdirSync(MODULES_FOLDER).sort());
  });
});

describe('package-lock.json', () => {
  interface Locked {
    readonly version?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };

  // npm leaves out what the registry in use did not have, and `npm ci` then refuses the whole on every platform.
  test('has the package of every platform, also of those that the registry in use did not have', () => {
    const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined && packages[`${place}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('pins that stand in two places', () => {
  test.each(['helm', 'kubernetes', 'null'] as const)(
    'the registry pin of %s is the version of its prebuilt bindings',
    (name) => {
      const provider = read(`node_modules/@cdktf/provider-${name}/lib/provider/index.js`);
      expect(provider).toContain(`providerVersion: '${REGISTRY_PROVIDERS[name].version}'`);
    },
  );

  test('constructs is what cdktf-cli pins, so that there is one copy', () => {
    const cli = JSON.parse(read('node_modules/cdktf-cli/package.json')) as { dependencies: Record<string, string> };
    expect(manifest.dependencies['constructs']).toBe(cli.dependencies['constructs']);
  });
});
