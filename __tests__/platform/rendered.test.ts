import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { plainSecretsIn } from './plain-secrets';
import { clusterWith, platformCases, reported, type Case, type Ran } from './platform-process';

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

const output = mkdtempSync(join(tmpdir(), 'groundwork-rendered-'));
const rendering = (name: string, change?: string): Case => ({
  parameters: ['render', '--output', join(output, name)],
  ...(change !== undefined && { environment: clusterWith(change) }),
});
const platformWith = (change: string): string => `platform: { ...infrastructure.platform, ${change} }`;

/** All that is asked of the command line below, in one process. */
const ran = platformCases({
  today: rendering('today'),
  diff: {
    parameters: ['diff'],
    environment: clusterWith(
      `loadBalancerPools: { ...infrastructure.loadBalancerPools, ingress: { range: '10.0.3.40', autoAssign: false } }`,
    ),
  },
  single: rendering(
    'single',
    `nodePools: { ...infrastructure.nodePools, worker: { ...infrastructure.nodePools.worker, count: 1 } }`,
  ),
  others: rendering('others', platformWith(`gateway: 'ingress-nginx', storage: 'local-path'`)),
  arp: rendering('arp', `announcements: { by: 'cilium-l2' }`),
  bgp: rendering(
    'bgp',
    `announcements: { by: 'cilium-bgp', localAsn: 64512, peers: [{ address: '10.0.0.1', asn: 64500 }] }`,
  ),
  sops: rendering('sops', platformWith(`secrets: 'sops'`)),
  proxy: rendering('proxy', platformWith(`publicAddress: '203.0.113.10'`)),
  monitoring: rendering('monitoring', platformWith(`applications: ['monitoring']`)),
  bare: rendering('bare', 'platform: {}'),
  requests: { parameters: ['requests'] },
  'air-gap': rendering(
    'air-gap',
    `airGap: { charts: 'oci://mirror.example.org/charts', git: 'https://git.example.org' }`,
  ),
  nameless: { parameters: ['render'], environment: clusterWith(`platform: { applications: ['gitea'] }`) },
});
const renderedTo = (name: keyof typeof ran): Map<string, string> => {
  const { status }: Ran = ran[name];
  expect({ name, status }).toEqual({ name, status: 0 });
  return filesBelow(join(output, name));
};

const files = filesBelow(committed);
const objects = [...files]
  .filter(([path]) => /\/(flux|services)\//.test(path))
  .map(([path, text]) => ({ path, text, object: parse(text) as Rendered }));
const ofKind = (kind: string) =>
  objects.filter(({ object, path }) => object.kind === kind && path.includes('/services/'));

describe('T-17 T-18 the rendered tree', () => {
  test('is what the specs in clusters/ give today; if not: npx groundwork platform render', () => {
    expect([...renderedTo('today')]).toEqual([...files]);
  });

  test('names in each file what it is rendered from', () => {
    const silent = [...files].filter(([, text]) => {
      const source = /^(?:[#;]|{\n {2}"\/\/": ") ?Rendered from (platform\/\S+\.ts) /.exec(text)?.[1];
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
      'gitea-sign-on',
      'terraform-authentik',
      'terraform-integration',
      'terraform-secrets',
      'terraform-vault',
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
    const withPods = Object.keys(levels).filter((name) => name !== 'gateway');
    // Into Flux' namespace, which Terraform makes, one more way is opened
    expect(denied.sort()).toEqual([...withPods, 'flux-system'].sort());
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

  test('has no plain Secret, and nothing that looks like one, nor has what is committed sealed', () => {
    const sealed = join(root, 'platform/sealed');
    expect(plainSecretsIn(files)).toEqual([]);
    expect(existsSync(sealed) ? plainSecretsIn(filesBelow(sealed)) : []).toEqual([]);
  });

  test.each([
    ['a plain Secret', 'kind: Secret\nstringData:\n  user: root\n', 'a.yaml: user of a Secret'],
    [
      'one value that SOPS left open',
      'kind: Secret\ndata:\n  a: ENC[AES256_GCM,x]\n  b: cm9vdA==\n',
      'a.yaml: b of a Secret',
    ],
    ['a password in values', 'kind: HelmRelease\nspec:\n  adminPassword: hunter2\n', 'a.yaml: hunter2'],
    ['an age key', '# AGE-SECRET-KEY-1QQ\nkind: ConfigMap\n', 'a.yaml: a key'],
  ])('the scan finds %s', (_, text, found) => {
    expect(plainSecretsIn(new Map([['a.yaml', text]]))).toEqual([found]);
  });
});

describe('T-19 Terraform that tofu-controller runs', () => {
  const folders = [...files.keys()].flatMap((path) => /\/terraform\/(.*)\/main\.tf\.json$/.exec(path)?.[1] ?? []);

  test('each stack has an object that approves its plan by itself and finds it in the tree', () => {
    expect(folders.sort()).toEqual(['authentik', 'integration', 'secrets', 'vault']);
    const found = ofKind('Terraform').map(({ object: { metadata, spec } }) => ({
      name: metadata.name,
      approvePlan: spec['approvePlan'],
      path: spec['path'],
    }));
    expect(found).toEqual(
      folders.map((name) => ({
        name,
        approvePlan: 'auto',
        path: `./platform/rendered/infrastructure/terraform/${name}`,
      })),
    );
  });

  test('a secret is an expression everywhere, and providers take theirs from the environment', () => {
    const text = folders.map((name) => files.get(`infrastructure/terraform/${name}/main.tf.json`)).join('');
    const secrets = [...text.matchAll(/"(\w*(?:secret|token|password))": "(.*)"/g)].map(([, , value]) => value);
    expect(secrets.length).toBe(5);
    expect(secrets.filter((value) => !/^\$\{data\.vault_kv_secret_v2\.\w+\.data\[/.test(value ?? ''))).toEqual([]);
  });

  test('a stack is refused where its providers would refuse it, with all that is wrong', () => {
    const report = reported('esm/report-terraform.ts');
    expect(report['good']).toBe('accepted');
    expect(report['misspelt']).toBe('Terraform stack "x": resource.vault_mount.kv.tipe is not an argument of it');
    expect(report['missing']).toBe('Terraform stack "x": resource.vault_mount.kv.type is missing');
    expect(report['wrongType']).toBe(
      'Terraform stack "x": resource.authentik_group.a.is_superuser is not of type "bool"',
    );
    expect(report['computed']).toBe(
      'Terraform stack "x": resource.vault_mount.kv.accessor is given by the provider and can\'t be set',
    );
    expect(report['dangling']).toBe('Terraform stack "x": vault_mount.kw.path refers to nothing');
    expect(report['foreign']).toBe('Terraform stack "x": resource.harbor_config_auth is of no provider of this stack');
    expect(report['plain']).toBe(
      'Terraform stack "x": provider.authentik.token is a secret and stands here as a plain value',
    );
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
    const { status, stdout } = ran.diff;
    expect(status).toBe(1);
    expect(stdout).toBe(
      [
        'infrastructure: ',
        'changed outside/nginx-http.conf',
        '  -         proxy_pass http://10.0.3.2:80;',
        '  +         proxy_pass http://10.0.3.40:80;',
        'changed services/address-pools/IPAddressPool-ingress.yaml',
        '  -     - 10.0.3.2-10.0.3.2',
        '  +     - 10.0.3.40-10.0.3.40',
        'changed services/powerdns/ConfigMap-powerdns.yaml',
        '  -     in_zone rrset replace "test-cluster.example.org" "@" A 300 "10.0.3.2"',
        '  -     in_zone rrset replace "test-cluster.example.org" "*" A 300 "10.0.3.2"',
        '  +     in_zone rrset replace "test-cluster.example.org" "@" A 300 "10.0.3.40"',
        '  +     in_zone rrset replace "test-cluster.example.org" "*" A 300 "10.0.3.40"',
        '',
      ].join('\n'),
    );
  });

  test('a single worker gets one of each, and no budget that would forbid its drain', () => {
    const single = renderedTo('single');
    const text = [...single.values()].join('\n');
    expect(text).not.toMatch(/kind: PodDisruptionBudget/);
    expect(text).not.toMatch(/(replicas|replicaCount|instances): 2/);
    expect([...single.keys()]).toEqual([...files.keys()].filter((path) => !path.includes('/PodDisruptionBudget-')));
  });

  test('another gateway and other storage change what uses them', () => {
    const changed = renderedTo('others');
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
    const bare = renderedTo('bare');
    const stages = [...bare.keys()].flatMap((path) => /\/flux\/(.*)\.yaml$/.exec(path)?.[1] ?? []);
    expect(stages.sort()).toEqual([
      'address-pools',
      'gateway',
      'gateway-api-crds',
      'metallb',
      'proxmox-csi',
      'sealed-secrets',
    ]);
  });

  test('an application without a domain is refused, and the error says what to do', () => {
    expect(ran.nameless).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: platform.domain is not given, and applications need it; set it\n',
    });
  });

  test('T-15 where Cilium announces, its own kinds have the pools, and MetalLB is not there', () => {
    for (const name of ['arp', 'bgp'] as const) {
      const stage = [...renderedTo(name).keys()].filter((path) => /\/(address-pools|metallb)\//.test(path));
      expect(stage.map((path) => path.slice(path.lastIndexOf('/') + 1, -'.yaml'.length))).toEqual(
        name === 'arp'
          ? [
              'CiliumL2AnnouncementPolicy-pools',
              'CiliumLoadBalancerIPPool-dns',
              'CiliumLoadBalancerIPPool-ingress',
              'CiliumLoadBalancerIPPool-services',
            ]
          : [
              'CiliumBGPAdvertisement-pools',
              'CiliumBGPClusterConfig-pools',
              'CiliumBGPPeerConfig-routers',
              'CiliumLoadBalancerIPPool-dns',
              'CiliumLoadBalancerIPPool-ingress',
              'CiliumLoadBalancerIPPool-services',
            ],
      );
    }
    const arp = renderedTo('arp');
    expect([...arp.values()].join('')).not.toContain('metallb.io');
    const specOf = (name: string): unknown =>
      (parse(arp.get(`infrastructure/services/address-pools/CiliumLoadBalancerIPPool-${name}.yaml`) ?? '') as Rendered)
        .spec;
    expect(specOf('dns')).toEqual({
      blocks: [{ start: '10.0.3.3', stop: '10.0.3.3' }],
      serviceSelector: { matchLabels: { 'groundwork/address-pool': 'dns' } },
    });
    expect(specOf('services')).toMatchObject({
      serviceSelector: {
        matchExpressions: [{ key: 'groundwork/address-pool', operator: 'NotIn', values: ['ingress', 'dns'] }],
      },
    });
    const dns = parse(arp.get('infrastructure/services/powerdns/Service-powerdns.yaml') ?? '') as Rendered;
    expect(dns).toMatchObject({
      metadata: { labels: { 'groundwork/address-pool': 'dns' } },
      spec: { externalTrafficPolicy: 'Cluster' },
    });
  });

  test('where SOPS is the choice, no controller of sealed-secrets is installed, and nothing waits for one', () => {
    expect([...renderedTo('sops').values()].join('')).not.toContain('sealed-secrets');
  });

  test('T-20 names in the zone lead to the proxy outside, where its address is known', () => {
    const proxied = renderedTo('proxy');
    expect(proxied.get('infrastructure/outside/parent.zone')?.split('\n').slice(1)).toEqual([
      'test-cluster.example.org. 3600 IN NS ns1.test-cluster.example.org.',
      'ns1.test-cluster.example.org. 3600 IN A 203.0.113.10',
      '',
    ]);
    const zone = (tree: Map<string, string>): string[] =>
      (
        parse(tree.get('infrastructure/services/powerdns/ConfigMap-powerdns.yaml') ?? '') as {
          data: Record<string, string>;
        }
      ).data['make-zone.sh']
        ?.split('\n')
        .filter((line) => line.includes('rrset')) ?? [];
    const replace = (name: string, address: string): string =>
      `in_zone rrset replace "test-cluster.example.org" "${name}" A 300 "${address}"`;
    expect(zone(proxied)).toEqual(['ns1', '@', '*'].map((name) => replace(name, '203.0.113.10')));
    expect(zone(files)).toEqual([replace('ns1', '10.0.3.3'), replace('@', '10.0.3.2'), replace('*', '10.0.3.2')]);
  });

  test('monitoring is an application like others', () => {
    const paths = [...renderedTo('monitoring').keys()].filter((path) => path.includes('/monitoring'));
    expect(paths.map((path) => path.slice('infrastructure/'.length))).toEqual([
      'flux/monitoring-targets.yaml',
      'flux/monitoring.yaml',
      'services/monitoring-targets/PodMonitor-flux.yaml',
      'services/monitoring/CiliumNetworkPolicy-needed.yaml',
      'services/monitoring/HTTPRoute-grafana.yaml',
      'services/monitoring/HelmRelease-kube-prometheus-stack.yaml',
      'services/monitoring/HelmRepository-kube-prometheus-stack.yaml',
      'services/monitoring/Namespace-monitoring.yaml',
      'services/monitoring/NetworkPolicy-default-deny.yaml',
    ]);
  });

  test('what the platform asks for is held against the nodes', () => {
    expect(ran.today.stderr).toMatch(
      /^warning: infrastructure: the platform asks for \d\.\d\d cores and \d+ MiB of memory, and 2 nodes for pods have 7\.90 cores and 7224 MiB: /,
    );
    // Without applications all of it fits
    expect(ran.monitoring.stderr).toBe('');
    expect(ran.requests.stdout.split('\n').slice(-3)).toEqual([
      expect.stringMatching(/^all stages\t\d\.\d\d cores\t\d+ MiB$/),
      'nodes for pods\t7.90 cores\t7224 MiB',
      '',
    ]);
  });
});

describe('O-8 a platform without the Internet', () => {
  test('has every chart and every repository from the mirrors, and nothing else is other', () => {
    const [today, own] = [renderedTo('today'), renderedTo('air-gap')];
    const changed = [...own].filter(([path, text]) => today.get(path) !== text);
    const sources = changed
      .map(([, text]) => parse(text) as Rendered)
      .map(({ kind, spec }) => [kind, spec['url']].join(' '));
    expect([...new Set(sources)].sort()).toEqual([
      'GitRepository https://git.example.org/kubernetes-sigs/gateway-api',
      'HelmRepository oci://mirror.example.org/charts',
    ]);
    expect(sources).toHaveLength([...own.keys()].filter((path) => /\/(Helm|Git)Repository-/.test(path)).length);
    const types = [...own]
      .filter(([path]) => path.includes('/HelmRepository-'))
      .map(([, text]) => text.includes('type: oci'));
    expect(types.filter((type) => !type)).toEqual([]);
  });
});
