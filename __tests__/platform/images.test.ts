import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLIC_REGISTRIES } from '../../modules/model/registries';
import { platform } from './platform-process';

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly stage: string;
}

const root = join(__dirname, '../..');

describe('T-18 what a mirror must hold', () => {
  const { stdout } = platform(['images', '--json']);
  const { clusters } = JSON.parse(stdout) as { readonly clusters: readonly { readonly fetched: readonly Row[] }[] };
  const rows = clusters.flatMap(({ fetched }) => fetched);

  test('has every chart with its repository', () => {
    const charts = rows.filter(({ kind }) => kind === 'chart');
    expect(charts).toHaveLength(13);
    expect(charts.filter(({ repository }) => !/^(https|oci):\/\//.test(repository))).toEqual([]);
    expect(charts.find(({ name }) => name === 'sealed-secrets')?.repository).toBe(
      'https://bitnami.github.io/sealed-secrets',
    );
    expect(charts.find(({ name }) => name === 'tofu-controller')?.repository).toBe(
      'https://flux-iac.github.io/tofu-controller',
    );
  });

  test('has every image of our own manifests and of the charts, and none without an exact tag', () => {
    const images = rows.filter(({ kind }) => kind === 'image');
    const repositories = [...new Set(images.map(({ repository }) => repository))];
    expect(repositories).toHaveLength(37);
    expect(repositories.filter((repository) => /pdns-auth|whoami|postgresql|sealed-secrets/.test(repository))).toEqual([
      'docker.io/bitnami/sealed-secrets-controller',
      'docker.io/powerdns/pdns-auth-50',
      'docker.io/traefik/whoami',
      'ghcr.io/cloudnative-pg/postgresql',
    ]);
    expect(images.filter(({ version }) => !/^v?\d+\.\d+/.test(version))).toEqual([]);
  });

  test('knows images of every chart but the one whose image the values give', () => {
    const charts = rows.filter(({ kind }) => kind === 'chart').map(({ stage }) => stage);
    const withImages = new Set(rows.filter(({ kind }) => kind === 'image').map(({ stage }) => stage));
    expect(charts.filter((stage) => !withImages.has(stage))).toEqual([]);
  });

  test('is in registries that an air gap leads to a mirror', () => {
    const registries = rows.filter(({ kind }) => kind === 'image').map(({ repository }) => repository.split('/')[0]);
    expect(registries.filter((registry) => !PUBLIC_REGISTRIES.some((known) => known === registry))).toEqual([]);
  });

  test('each version is written once, with a comment for Renovate before it', () => {
    const source = readFileSync(join(root, 'platform/versions.ts'), 'utf8');
    const versions = [...source.matchAll(/(?:version|tag): '/g)];
    expect([...source.matchAll(/\/\/ renovate: datasource=\S+ depName=\S+/g)]).toHaveLength(versions.length);
  });
});

describe('T-17 the graph in the docs', () => {
  test('is what the default cluster gives; if not: npx groundwork platform graph --write docs/PLATFORM.md', () => {
    const { stdout } = platform(['graph', 'infrastructure']);
    expect(readFileSync(join(root, 'docs/PLATFORM.md'), 'utf8')).toContain(`\`\`\`mermaid\n${stdout}\`\`\``);
  });
});
