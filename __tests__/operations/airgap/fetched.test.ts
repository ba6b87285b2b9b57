import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { infrastructure } from '../../../clusters/infrastructure';
import { loadCluster } from '../../../modules/model/load-cluster';
import { atMirror, fetchedFor, readStack, type Fetched } from '../../../operations/airgap/fetched';
import { examplePlan } from '../../setup/example-plan';
import { synthesized } from '../../stacks/synthesized';

const SNAPSHOT = join(__dirname, '..', '..', 'main', '__snapshots__', 'infrastructure.cdk.tf.json');
const fetched = fetchedFor(readStack(JSON.parse(readFileSync(SNAPSHOT, 'utf8'))));
const lines = (rows: readonly Fetched[]): string[] =>
  rows.map(({ kind, from, name, version, by }) => [kind, from, name, version, by].join(' | '));

describe('O-8 what the default cluster fetches', () => {
  test('is all that its Terraform JSON names', () => {
    const images = fetched.filter(({ kind }) => kind === 'disk image');
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter(({ from, by }) => from !== 'https://factory.talos.dev' || by !== 'Proxmox')).toEqual([]);
    expect(lines(fetched.filter(({ kind }) => kind !== 'disk image'))).toEqual([
      'chart | https://fluxcd-community.github.io/helm-charts | flux2 | 2.18.3 | who deploys',
      'chart | https://fluxcd-community.github.io/helm-charts | flux2-sync | 1.14.5 | who deploys',
      'chart | https://helm.cilium.io/ | cilium | 1.19.6 | who deploys',
      'git | https://github.com/example-org/groundwork | platform |  | cluster',
      'image | factory.talos.dev | metal-installer/f683308f6e49ec36d715bd41c90d800910552d8cbc015c8363ec350594535fa1 | v1.13.9 | nodes',
      'image | ghcr.io | kube-vip/kube-vip | v0.9.2 | nodes',
      'image | ghcr.io | siderolabs/kubelet | v1.35.0 | nodes',
      'image | registry.k8s.io | coredns/coredns |  | nodes',
      'image | registry.k8s.io | etcd |  | nodes',
      'image | registry.k8s.io | kube-apiserver | v1.35.0 | nodes',
      'image | registry.k8s.io | kube-controller-manager | v1.35.0 | nodes',
      'image | registry.k8s.io | kube-scheduler | v1.35.0 | nodes',
      'image | registry.k8s.io | pause |  | nodes',
      'provider | registry.terraform.io | bpg/proxmox | 0.111.1 | who deploys',
      'provider | registry.terraform.io | hashicorp/helm | 3.1.1 | who deploys',
      'provider | registry.terraform.io | hashicorp/kubernetes | 2.38.0 | who deploys',
      'provider | registry.terraform.io | hashicorp/null | 3.2.4 | who deploys',
      'provider | registry.terraform.io | siderolabs/talos | 0.11.0 | who deploys',
      'service | 1.1.1.1 | names |  | nodes',
      'service | 8.8.8.8 | names |  | nodes',
      'service | discovery.talos.dev | discovery of nodes |  | nodes',
      'service | https://factory.talos.dev | schematics |  | who deploys',
      'service | time.cloudflare.com | time |  | nodes',
    ]);
  });

  test('follows the spec: a factory of one’s own, and no discovery', () => {
    const plan = examplePlan();
    const own = fetchedFor(
      readStack(
        synthesized({
          ...plan,
          images: { ...plan.images, factory: 'https://factory.example.org' },
          discovery: false,
        }),
      ),
    );
    const places = new Set(own.filter(({ setting }) => setting === 'airGap.factory').map(({ from }) => from));
    expect([...places].sort()).toEqual(['factory.example.org', 'https://factory.example.org']);
    expect(own.filter(({ from }) => from.includes('talos.dev'))).toEqual([]);
  });
});

describe('O-8 an air gap in one setting', () => {
  const { plan, issues } = loadCluster({
    ...infrastructure,
    network: { ...infrastructure.network, nameServers: ['10.0.0.1'] },
    talos: { discoveryService: 'https://discovery.example.org' },
    flux: { repository: 'https://git.example.org/example-org/groundwork' },
    airGap: {
      factory: 'https://factory.example.org',
      registry: 'https://mirror.example.org',
      charts: 'oci://mirror.example.org/charts',
      git: 'https://git.example.org',
      timeServers: ['10.0.0.1'],
    },
  });

  test('leads everything to the mirrors but the providers, which a file of Terraform leads', () => {
    expect(issues).toEqual([]);
    const rows = plan && fetchedFor(readStack(synthesized(plan))).map(atMirror(plan.talos));
    const places = (rows ?? []).map(({ kind, from }) => `${kind} ${from}`);
    expect([...new Set(places)].sort()).toEqual([
      'chart oci://mirror.example.org/charts',
      'disk image https://factory.example.org',
      'git https://git.example.org/example-org/groundwork',
      'image factory.example.org',
      'image https://mirror.example.org/v2/ghcr.io',
      'image https://mirror.example.org/v2/registry.k8s.io',
      'provider registry.terraform.io',
      'service 10.0.0.1',
      'service discovery.example.org',
      'service https://factory.example.org',
    ]);
  });

  test('a mirror that falls back to the registry is not the place that is asked', () => {
    const row = { kind: 'image', from: 'ghcr.io', name: 'a/b', version: '1', by: 'nodes', setting: '' } as const;
    const endpoints = ['https://mirror.example.org'];
    const mirror = (skipFallback: boolean): Fetched =>
      atMirror({ registryMirrors: { '*': { endpoints, skipFallback, overridePath: false } } })(row);
    expect(mirror(false).from).toBe('ghcr.io');
    expect(mirror(true).from).toBe('https://mirror.example.org');
  });
});
