import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { parse, parseAllDocuments } from 'yaml';
import { CHART_REPOSITORIES, type StandInChart } from '../../../lab/charts/catalogue';
import { startChartRepositories, type ChartRepositories } from '../../../lab/charts/chart-repositories';
import { CILIUM_VALUES } from '../../../lab/charts/cilium/values-schema';
import { fluxTypesTemplate } from '../../../lab/charts/flux2/types';
import { packageChart } from '../../../lab/charts/package-chart';
import { ask, selfSigned, type Answer } from '../../setup/certificate';

interface Index {
  readonly apiVersion: string;
  readonly entries: Readonly<
    Record<
      string,
      readonly {
        readonly version: string;
        readonly appVersion: string;
        readonly digest: string;
        readonly urls: readonly string[];
      }[]
    >
  >;
}

const unpack = async (archive: Buffer): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  const tar = extract();
  tar.end(gunzipSync(archive));
  for await (const entry of tar) files.set(entry.header.name, await text(entry));
  return files;
};

describe('T-15 T-16 the chart repositories', () => {
  let tls: { readonly cert: string; readonly key: string };
  let repositories: ChartRepositories;
  const get = (host: string, path: string): Promise<Answer> =>
    ask(repositories.port, tls.cert, { path, headers: { host }, servername: 'localhost' });
  const index = async (host: string, path: string): Promise<Index> =>
    parse((await get(host, path)).body.toString()) as Index;

  beforeAll(async () => {
    tls = await selfSigned();
    repositories = await startChartRepositories({ host: '127.0.0.1', port: 0, tls });
  });
  afterAll(() => repositories.close());

  test('each host has the charts of its own, at their real versions', async () => {
    const cilium = await index('helm.cilium.io', '/index.yaml');
    const flux = await index('fluxcd-community.github.io:443', '/helm-charts/index.yaml');
    const versions = ({ entries }: Index): unknown =>
      Object.entries(entries).map(([name, list]) => [
        name,
        list.map(({ version, appVersion }) => `${version} of ${appVersion}`),
      ]);
    expect(cilium.apiVersion).toBe('v1');
    expect(versions(cilium)).toEqual([['cilium', ['1.19.6 of 1.19.6', '1.19.5 of 1.19.5']]]);
    expect(versions(flux)).toEqual([
      ['flux2', ['2.18.3 of 2.8.5']],
      ['flux2-sync', ['1.14.5 of 2.8.5']],
    ]);
  });

  test('a package is what the index says: digest, Chart.yaml first, its own version', async () => {
    const { entries } = await index('helm.cilium.io', '/index.yaml');
    const [entry] = entries['cilium'] ?? [];
    expect(entry?.urls).toEqual(['cilium-1.19.6.tgz']);
    const { status, headers, body } = await get('helm.cilium.io', '/cilium-1.19.6.tgz');
    expect([status, headers['content-type']]).toEqual([200, 'application/gzip']);
    expect(createHash('sha256').update(body).digest('hex')).toBe(entry?.digest);
    const files = await unpack(body);
    expect([...files.keys()][0]).toBe('cilium/Chart.yaml');
    expect(parse(files.get('cilium/Chart.yaml') ?? '')).toMatchObject({
      name: 'cilium',
      version: '1.19.6',
      apiVersion: 'v2',
    });
    expect(JSON.parse(files.get('cilium/values.schema.json') ?? '')).toMatchObject({ additionalProperties: false });
  });

  test('what is not there is a 404: another version, another host, another folder', async () => {
    const answers = await Promise.all([
      get('helm.cilium.io', '/cilium-1.19.99.tgz'),
      get('charts.example.org', '/index.yaml'),
      get('fluxcd-community.github.io', '/index.yaml'),
    ]);
    expect(answers.map(({ status, body }) => `${status} ${body.toString()}`)).toEqual(
      Array.from({ length: 3 }, () => '404 404 page not found\n'),
    );
  });

  test('fault: a repository that is down', async () => {
    repositories.setDown(true);
    expect((await get('helm.cilium.io', '/index.yaml')).status).toBe(503);
    repositories.setDown(false);
    expect((await get('helm.cilium.io', '/index.yaml')).status).toBe(200);
    expect(repositories.requests.slice(-2)).toEqual([
      { host: 'helm.cilium.io', path: '/index.yaml', status: 503 },
      { host: 'helm.cilium.io', path: '/index.yaml', status: 200 },
    ]);
  });
});

describe('the stand-in charts', () => {
  const folder = join(__dirname, '../../../lab/charts');
  const charts: readonly (readonly [string, StandInChart])[] = CHART_REPOSITORIES.flatMap((repository) =>
    repository.charts.map((chart) => [chart.name, chart] as const),
  );

  test.each(charts)('%s is packaged to the same bytes every time', async (_name, chart) => {
    const [version] = chart.versions;
    if (version === undefined) throw new Error('a chart without versions');
    const [first, second] = await Promise.all([
      packageChart(folder, chart, version),
      packageChart(folder, chart, version),
    ]);
    expect(first.digest).toBe(second.digest);
  });

  test("T-15 Cilium's own defaults fit its closed schema, names and types", async () => {
    const [, chart] = charts.find(([name]) => name === 'cilium') ?? [];
    if (chart === undefined) throw new Error('no cilium');
    const { archive } = await packageChart(folder, chart, { version: '1.19.6', appVersion: '1.19.6' });
    const values = parse((await unpack(archive)).get('cilium/values.yaml') ?? '') as Value;
    expect(misfits(values, CILIUM_VALUES)).toEqual([]);
  });

  test('T-15 a misspelt value and one of another type do not fit', () => {
    const values = {
      kubeproxyReplacement: true,
      ipam: { mode: 3, operator: { replicas: 1 } },
      hubble: { relay: { enabled: 'yes' } },
    };
    expect(misfits(values, CILIUM_VALUES)).toEqual([
      'kubeproxyReplacement is unknown',
      'ipam.mode is integer',
      'ipam.operator.replicas is unknown',
      'hubble.relay.enabled is string',
    ]);
  });

  test('T-16 Flux brings its types, each with a structural schema', () => {
    const documents = parseAllDocuments(fluxTypesTemplate().replace(/^\{\{.*\}\}$/gm, '')).flatMap((document) => {
      const definition = document.toJS() as {
        metadata: { name: string };
        spec: { versions: { name: string; schema: unknown }[] };
      } | null;
      return definition === null ? [] : [definition];
    });
    expect(
      documents.map(({ metadata, spec }) => `${metadata.name} ${spec.versions.map(({ name }) => name).join()}`),
    ).toEqual([
      'gitrepositories.source.toolkit.fluxcd.io v1',
      'helmrepositories.source.toolkit.fluxcd.io v1',
      'helmcharts.source.toolkit.fluxcd.io v1',
      'ocirepositories.source.toolkit.fluxcd.io v1',
      'buckets.source.toolkit.fluxcd.io v1',
      'externalartifacts.source.toolkit.fluxcd.io v1',
      'kustomizations.kustomize.toolkit.fluxcd.io v1',
      'helmreleases.helm.toolkit.fluxcd.io v2',
      'alerts.notification.toolkit.fluxcd.io v1beta3',
      'providers.notification.toolkit.fluxcd.io v1beta3',
      'receivers.notification.toolkit.fluxcd.io v1',
    ]);
  });
});

type Value = null | string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean;
}

const typeOf = (value: Value): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

/** What Helm's own check would refuse, in the part of JSON Schema that the closed schema uses. */
const misfits = (value: Value, shape: Shape, path = ''): readonly string[] => {
  const type = typeOf(value);
  if (shape.type !== undefined && ![shape.type].flat().includes(type)) return [`${path} is ${type}`];
  if (type !== 'object' || shape.properties === undefined) return [];
  return Object.entries(value as Readonly<Record<string, Value>>).flatMap(([key, item]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const under = shape.properties?.[key];
    return under === undefined ? [`${at} is unknown`] : misfits(item, under, at);
  });
};
