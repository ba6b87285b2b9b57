import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Testbed } from '../lab/control-plane/testbed/testbed';
import { reported } from '../platform/platform-process';
import { customResourceDefinition, isDeclared, specSchemas, structuralOf, type KindName } from './crd-of-types';

const ADDRESS = '10.0.1.1';
const RENDERED = join(__dirname, '../../platform/rendered/infrastructure');

/** Groups that an API server knows by itself: all other kinds come with charts. */
const BUILT_IN = new Set(['v1', 'apps/v1', 'networking.k8s.io/v1', 'policy/v1', 'storage.k8s.io/v1']);

interface Rendered extends KindName {
  readonly metadata: { readonly namespace?: string };
}

const files = (readdirSync(RENDERED, { recursive: true }) as string[])
  .filter((path) => /^(flux|services)\/.*\.yaml$/.test(path))
  .sort()
  .map((path) => ({ path, object: parse(readFileSync(join(RENDERED, path), 'utf8')) as Rendered }));
const builtIn = files.filter(({ object }) => BUILT_IN.has(object.apiVersion));
const custom = files.filter((file) => !builtIn.includes(file));
const kinds = [...new Map(custom.map(({ object }) => [`${object.apiVersion} ${object.kind}`, object])).values()];

/** From the declarations that the manifests are written with: no CRD of a chart is fetched. */
const definitions = (): object[] => {
  const ofPackages = specSchemas(kinds.filter(isDeclared));
  const ofOurs = reported('esm/report-custom-kinds.ts') as Readonly<Record<string, unknown>>;
  return kinds.map((object) => {
    const name = `${object.apiVersion} ${object.kind}`;
    const spec = ofPackages.get(name) ?? structuralOf(ofOurs[name]);
    return customResourceDefinition(object, object.metadata.namespace !== undefined, spec);
  });
};

describe('T-18 the rendered tree before a real API server', () => {
  let testbed: Testbed;

  beforeAll(async () => {
    // First, as it holds this process up for longer than the testbed keeps an idle connection
    const crds = definitions();
    testbed = await Testbed.create({
      nodes: [{ name: 'controlplane0', address: ADDRESS, role: 'controlplane' }],
      vip: '10.0.3.1',
    });
    await testbed.on('controlplane0');
    await testbed.bootstrap('controlplane0');
    await testbed.until('the API', () => testbed.kubectl('get --raw /readyz', ADDRESS).then(() => true), 90_000);
    const namespaces = builtIn.filter(({ object }) => object.kind === 'Namespace');
    // What lies in a namespace is refused without it, in a dry run, too
    expect(await apply(gather('namespaces', namespaces))).toHaveLength(15);
    // Terraform makes it, before Flux
    await testbed.kubectl('create namespace flux-system', ADDRESS);
    const folder = join(testbed.folder, 'definitions');
    mkdirSync(folder);
    for (const [index, definition] of crds.entries()) {
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(definition));
    }
    await apply(folder);
    await testbed.kubectl('wait --for=condition=Established --timeout=60s crd --all', ADDRESS);
  }, 240_000);

  afterAll(async () => {
    await testbed.destroy();
  });

  /** Copies the files to where the testbed looks; gives the folder. */
  const gather = (name: string, chosen: readonly { readonly path: string }[]): string => {
    const folder = join(testbed.folder, name);
    mkdirSync(folder);
    for (const { path } of chosen) copyFileSync(join(RENDERED, path), join(folder, path.replaceAll('/', '-')));
    return folder;
  };
  const apply = async (folder: string, ...more: readonly string[]): Promise<string[]> =>
    (await testbed.kubectl(['apply', '--server-side', ...more, '-f', folder].join(' '), ADDRESS)).trim().split('\n');
  const refusedOf = (lines: readonly string[]): string[] =>
    lines.filter((line) => !line.endsWith(' serverside-applied (server dry run)'));

  test('accepts every object of a built-in kind', async () => {
    const accepted = await apply(gather('objects', builtIn), '--dry-run=server');
    expect(refusedOf(accepted)).toEqual([]);
    expect({ builtIn: builtIn.length, accepted: accepted.length }).toEqual({ builtIn: 44, accepted: 44 });
  }, 60_000);

  test('accepts every object of the kinds of Flux, Cilium, MetalLB, cert-manager and others', async () => {
    const accepted = await apply(gather('custom', custom), '--dry-run=server');
    expect(refusedOf(accepted)).toEqual([]);
    expect({ kinds: kinds.length, custom: custom.length, accepted: accepted.length }).toEqual({
      kinds: 16,
      custom: 94,
      accepted: 94,
    });
  }, 60_000);

  test.each([
    [
      'a field that the kind lacks',
      'metallb',
      'HelmRelease-metallb.yaml',
      'releaseName:',
      'relaseName:',
      /\.spec\.relaseName: field not declared in schema/,
    ],
    [
      'a value of another type',
      'address-pools',
      'IPAddressPool-dns.yaml',
      'autoAssign: false',
      'autoAssign: "no"',
      /\.spec\.autoAssign: expected boolean, got/,
    ],
    [
      'an object that lacks what it must have',
      'certificates',
      'Certificate-wildcard.yaml',
      / {2}issuerRef:\n( {4}.*\n)+/,
      '',
      /spec\.issuerRef: Required value/,
    ],
  ])('refuses %s', async (_, stage, name, from, to, refusal) => {
    const folder = join(testbed.folder, `broken-${stage}`);
    mkdirSync(folder);
    const text = readFileSync(join(RENDERED, 'services', stage, name), 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    writeFileSync(join(folder, name), text.replace(from, to));
    await expect(apply(folder, '--dry-run=server')).rejects.toThrow(refusal);
  });
});
