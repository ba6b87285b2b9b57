import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Testbed } from '../lab/control-plane/testbed/testbed';

const ADDRESS = '10.0.1.1';
const SERVICES = join(__dirname, '../../platform/rendered/infrastructure/services');

/** Groups that an API server knows by itself: all other kinds come with charts. */
const BUILT_IN = new Set(['v1', 'apps/v1', 'networking.k8s.io/v1', 'policy/v1', 'storage.k8s.io/v1']);

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
}

const files = (readdirSync(SERVICES, { recursive: true }) as string[])
  .filter((path) => path.endsWith('.yaml'))
  .sort()
  .map((path) => ({ path, object: parse(readFileSync(join(SERVICES, path), 'utf8')) as Rendered }));
const builtIn = files.filter(({ object }) => BUILT_IN.has(object.apiVersion));

describe('T-18 the rendered tree before a real API server', () => {
  let testbed: Testbed;

  beforeAll(async () => {
    testbed = await Testbed.create({
      nodes: [{ name: 'controlplane0', address: ADDRESS, role: 'controlplane' }],
      vip: '10.0.3.1',
    });
    await testbed.on('controlplane0');
    await testbed.bootstrap('controlplane0');
    await testbed.until('the API', () => testbed.kubectl('get --raw /readyz', ADDRESS).then(() => true), 90_000);
  }, 120_000);

  afterAll(async () => {
    await testbed.destroy();
  });

  /** Copies the files to where the testbed looks; gives the folder. */
  const gather = (name: string, chosen: readonly { readonly path: string }[]): string => {
    const folder = join(testbed.folder, name);
    mkdirSync(folder);
    for (const { path } of chosen) copyFileSync(join(SERVICES, path), join(folder, path.replaceAll('/', '-')));
    return folder;
  };
  const apply = async (folder: string, ...more: readonly string[]): Promise<string[]> =>
    (await testbed.kubectl(['apply', '--server-side', ...more, '-f', folder].join(' '), ADDRESS)).trim().split('\n');

  test('accepts every object of a built-in kind', async () => {
    const namespaces = builtIn.filter(({ object }) => object.kind === 'Namespace');
    // What lies in a namespace is refused without it, in a dry run, too
    expect(await apply(gather('namespaces', namespaces))).toHaveLength(15);
    const accepted = await apply(gather('objects', builtIn), '--dry-run=server');
    expect(accepted.filter((line) => !line.endsWith(' serverside-applied (server dry run)'))).toEqual([]);
    expect({ objects: files.length, builtIn: builtIn.length, accepted: accepted.length }).toEqual({
      objects: 107,
      builtIn: 43,
      accepted: 43,
    });
  }, 60_000);
});
