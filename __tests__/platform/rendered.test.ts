import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { clusterWith, platform } from './platform-process';

// Most cases start a process
jest.setTimeout(60_000);

const root = join(__dirname, '../..');
const committed = join(root, 'platform/rendered');

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly stringData?: unknown;
}

const filesBelow = (folder: string): Map<string, string> =>
  new Map(
    (readdirSync(folder, { recursive: true }) as string[])
      .sort()
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );

const renderTo = (environment?: Readonly<Record<string, string>>): Map<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-rendered-'));
  const { status, stderr } = platform(['render', '--output', folder], environment);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return filesBelow(folder);
};

const files = filesBelow(committed);
const objects = [...files]
  .filter(([path]) => !path.endsWith('/kustomization.yaml') && !path.includes('/outside/'))
  .map(([path, text]) => ({ path, text, object: parse(text) as Rendered }));
const ofKind = (kind: string) =>
  objects.filter(({ object, path }) => object.kind === kind && path.includes('/services/'));

describe('T-17 T-18 the rendered tree', () => {
  test('is what the specs in clusters/ give today; if not: npx groundwork platform render', () => {
    expect([...renderTo()]).toEqual([...files]);
  });

  test('names in each file what it is rendered from', () => {
    const silent = [...files].filter(([, text]) => {
      const source = /^[#;] Rendered from (platform\/\S+\.ts) /.exec(text)?.[1];
      return source === undefined || !statSync(join(root, source)).isFile();
    });
    expect(silent).toEqual([]);
  });

  test('has every release with a name, an exact version and an interval', () => {
    const releases = ofKind('HelmRelease').map(({ object: { metadata, spec } }) => {
      const { chart } = spec as { chart: { spec: { version: string; chart: string } } };
      expect(spec['releaseName']).toBe(metadata.name);
      expect(spec['interval']).toBe('10m');
      expect(chart.spec.version).toMatch(/^v?\d+\.\d+\.\d+$/);
      return chart.spec.chart;
    });
    expect(releases.sort()).toEqual([
      'authentik',
      'cert-manager',
      'cert-manager-webhook-pdns',
      'cloudnative-pg',
      'external-secrets',
      'gitea',
      'harbor',
      'matrix-stack',
      'metallb',
      'proxmox-csi-plugin',
      'sealed-secrets',
      'tofu-controller',
      'vault',
    ]);
  });

  test('waits for all of a stage or for none, never for a list of its own', () => {
    const flux = objects.filter(({ path }) => path.includes('/flux/'));
    expect(flux.length).toBeGreaterThan(15);
    expect(flux.filter(({ object }) => 'healthChecks' in object.spec)).toEqual([]);
    const unawaited = flux.filter(({ object }) => object.spec['wait'] === false);
    expect(unawaited.map(({ object }) => object.metadata.name).sort()).toEqual([
      'certificates',
      'gateway',
      'vault',
      'vault-secret-store',
    ]);
  });

  test('labels each namespace for pod security, and denies there by default', () => {
    const levels = Object.fromEntries(
      ofKind('Namespace').map(({ object: { metadata } }) => [
        metadata.name,
        metadata.labels?.['pod-security.kubernetes.io/enforce'],
      ]),
    );
    expect(levels).toEqual({
      authentik: 'baseline',
      'cert-manager': 'restricted',
      'cnpg-system': 'restricted',
      'csi-proxmox': 'privileged',
      'external-secrets': 'restricted',
      gateway: 'restricted',
      gitea: 'baseline',
      harbor: 'baseline',
      matrix: 'restricted',
      'metallb-system': 'privileged',
      powerdns: 'restricted',
      'sealed-secrets': 'restricted',
      'test-app': 'restricted',
      'tofu-system': 'restricted',
      vault: 'restricted',
    });
    const denied = ofKind('NetworkPolicy').map(({ object }) => object.metadata.namespace);
    // No pods run in the namespace of the Gateway: Cilium serves it on the nodes
    expect(denied.sort()).toEqual(
      Object.keys(levels)
        .filter((name) => name !== 'gateway')
        .sort(),
    );
  });

  test('gives each pod of its own manifests requests, and two replicas a budget', () => {
    for (const kind of ['Deployment', 'StatefulSet']) {
      for (const { object } of ofKind(kind)) {
        const { template, replicas } = object.spec as {
          replicas: number;
          template: { spec: { containers: { resources?: { requests?: unknown } }[] } };
        };
        for (const { resources } of template.spec.containers) expect(resources?.requests).toBeDefined();
        const budgets = ofKind('PodDisruptionBudget').filter(
          (budget) => budget.object.metadata.namespace === object.metadata.namespace,
        );
        expect({ of: object.metadata.name, budgets: budgets.length }).toEqual({
          of: object.metadata.name,
          budgets: replicas > 1 ? 1 : 0,
        });
      }
    }
  });

  test('has no Secret, and nothing that looks like one', () => {
    expect(objects.filter(({ object }) => object.kind === 'Secret').map(({ path }) => path)).toEqual([]);
    // A value, not the name of a Secret or of a key in one, beside a word that promises a secret
    const promising =
      /^[ \t-]*\S*(?:password|passwd|token|api-?key|secret-?key|private-?key)[ \t]*[:=][ \t]*["']?([^\s"'{]+)/gim;
    const names = new Set(['harbor-encryption', 'harbor-admin', 'password', 'false']);
    // A SealedSecret holds values that the cluster alone can open
    const open = [...files].filter(([, text]) => !/^kind: SealedSecret$/m.test(text));
    const found = open.flatMap(([path, text]) =>
      [...text.matchAll(promising)].map(([, value]) => ({ path, value })).filter(({ value = '' }) => !names.has(value)),
    );
    expect(found).toEqual([]);
    expect([...files].filter(([, text]) => /-----BEGIN|AGE-SECRET-KEY|eyJhbGci/.test(text))).toEqual([]);
  });
});

describe('the spec is the only place for an address', () => {
  test('no file of the platform has one', () => {
    const sources = (readdirSync(join(root, 'platform'), { recursive: true }) as string[]).filter(
      (path) => path.endsWith('.ts') && !path.startsWith('node_modules'),
    );
    const address = /\b(?!0\.0\.0\.0)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/;
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.filter((path) => address.test(readFileSync(join(root, 'platform', path), 'utf8')))).toEqual([]);
  });

  test('another ingress pool changes that pool, and where the proxy outside sends requests', () => {
    const { status, stdout } = platform(
      ['diff'],
      clusterWith(
        `loadBalancerPools: { ...infrastructure.loadBalancerPools, ingress: { range: '10.0.3.40', autoAssign: false } }`,
      ),
    );
    expect(status).toBe(1);
    expect(stdout).toBe(
      [
        'infrastructure: ',
        'changed outside/nginx-http.conf',
        '  -         proxy_pass http://10.0.3.2:80;',
        '  +         proxy_pass http://10.0.3.40:80;',
        'changed services/metallb-pools/IPAddressPool-ingress.yaml',
        '  -     - 10.0.3.2-10.0.3.2',
        '  +     - 10.0.3.40-10.0.3.40',
        '',
      ].join('\n'),
    );
  });

  test('a single worker gets one of each, and no budget that would forbid its drain', () => {
    const pools = `nodePools: { ...infrastructure.nodePools, worker: { ...infrastructure.nodePools.worker, count: 1 } }`;
    const single = renderTo(clusterWith(pools));
    const text = [...single.values()].join('\n');
    expect(text).not.toMatch(/kind: PodDisruptionBudget/);
    expect(text).not.toMatch(/(replicas|replicaCount|instances): 2/);
    expect([...single.keys()]).toEqual([...files.keys()].filter((path) => !path.includes('/PodDisruptionBudget-')));
  });

  test('another gateway and other storage change what uses them', () => {
    const change = `platform: { ...infrastructure.platform, gateway: 'ingress-nginx', storage: 'local-path' }`;
    const changed = renderTo(clusterWith(change));
    const text = [...changed.values()].join('\n');
    expect(text).not.toMatch(/HTTPRoute|kind: Gateway\b|csi\.proxmox/);
    expect([...changed.keys()].filter((path) => path.includes('/Ingress-')).sort()).toEqual([
      'infrastructure/services/authentik/Ingress-authentik.yaml',
      'infrastructure/services/gitea/Ingress-gitea.yaml',
      'infrastructure/services/harbor/Ingress-harbor.yaml',
      'infrastructure/services/matrix/Ingress-account.yaml',
      'infrastructure/services/matrix/Ingress-chat.yaml',
      'infrastructure/services/matrix/Ingress-matrix-well-known.yaml',
      'infrastructure/services/matrix/Ingress-matrix.yaml',
      'infrastructure/services/test-app/Ingress-test-app.yaml',
    ]);
  });

  test('without a domain nothing is left that needs a name', () => {
    const bare = renderTo(clusterWith('platform: {}'));
    const stages = [...bare.keys()].flatMap((path) => /\/flux\/(.*)\.yaml$/.exec(path)?.[1] ?? []);
    expect(stages.sort()).toEqual([
      'gateway',
      'gateway-api-crds',
      'metallb',
      'metallb-pools',
      'proxmox-csi',
      'sealed-secrets',
    ]);
  });

  test('an application without a domain is refused, and the error says what to do', () => {
    const { status, stderr } = platform(['render'], clusterWith(`platform: { applications: ['gitea'] }`));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'error: platform.domain is not given, and applications need it; set it\n',
    });
  });
});
