import {
  applyOrder,
  bootstrapManifests,
  type Manifest,
  type ManifestGroup,
} from '../../../lab/control-plane/bootstrap-manifests';
import { hasInventory } from '../../../lab/control-plane/control-plane';
import { KubernetesError } from '../../../lab/control-plane/kubernetes-client';
import { readNodeConfig, type NodeConfig } from '../../../lab/control-plane/machine-config';
import { applyManifests, inventoryKey } from '../../../lab/control-plane/manifest-apply';
import { machineConfigs } from './testbed/machine-configs';

const manifest = (apiVersion: string, kind: string, name: string, namespace?: string): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe('manifests that Talos applies', () => {
  let config: NodeConfig;
  let groups: ManifestGroup[];

  beforeAll(async () => {
    const nodes = [{ name: 'controlplane0', address: '10.0.1.1', role: 'controlplane' }] as const;
    const contents =
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: extra }\n---\n# nothing\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: extra }\n';
    const documents = await machineConfigs({ nodes, vip: '10.0.3.1', inlineManifests: [{ name: 'mine', contents }] });
    config = readNodeConfig(documents['controlplane0'] ?? {});
    if (config.controlPlane === undefined) throw new Error('not a control plane');
    groups = bootstrapManifests(config, config.controlPlane);
  });

  test('groups stand in the order of their ids', () => {
    expect(groups.map(({ id }) => id)).toEqual([
      '00-kubelet-bootstrapping-token',
      '01-csr-approver-role-binding',
      '01-csr-node-bootstrap',
      '01-csr-renewal-role-binding',
      '11-core-dns',
      '11-core-dns-svc',
      '11-kube-config-in-cluster',
      '11-talos-node-rbac-template',
      '98-lab-kwok',
      '99-mine',
    ]);
  });

  test('the bootstrap token and the DNS address come from the config', () => {
    const objects = groups.flatMap(({ objects: list }) => list) as (Manifest & {
      stringData?: unknown;
      spec?: unknown;
    })[];
    const find = (name: string): (typeof objects)[number] | undefined =>
      objects.find(({ metadata }) => metadata.name === name);
    expect(find('bootstrap-token-abcdef')?.stringData).toEqual({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:nodes',
    });
    expect(find('kube-dns')?.spec).toMatchObject({ clusterIP: '10.96.0.10' });
  });

  test('namespaces are applied first, then CRDs, then the rest in its order', () => {
    const order = applyOrder([
      { id: '11-a', objects: [manifest('apps/v1', 'Deployment', 'z'), manifest('v1', 'ConfigMap', 'b')] },
      {
        id: '99-b',
        objects: [
          manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'd'),
          manifest('v1', 'Namespace', 'y'),
          manifest('v1', 'Namespace', 'x'),
          manifest('v1', 'ConfigMap', 'a'),
        ],
      },
    ]);
    expect(order.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace x',
      'Namespace y',
      'CustomResourceDefinition d',
      'Deployment z',
      'ConfigMap b',
      'ConfigMap a',
    ]);
  });

  test.each([
    ['v1.12.4', false],
    ['v1.13.0', true],
    ['v1.13.9', true],
    ['v2.0.0', true],
  ])('Talos %s keeps an inventory: %s', (version, kept) => {
    expect(hasInventory(version)).toBe(kept);
  });

  test('keys of the inventory', () => {
    expect(inventoryKey(manifest('v1', 'Secret', 'a'), 'kube-system')).toBe('kube-system_a__Secret');
    expect(inventoryKey(manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', 'system:x'), '')).toBe(
      '_system__x_rbac.authorization.k8s.io_ClusterRole',
    );
  });
});

/** Objects by path; kinds ConfigMap and Namespace are known. */
class FakeApi {
  readonly objects = new Map<string, unknown>();
  readonly applied: string[] = [];

  call = <T>(method: string, path: string, { body }: { body?: unknown } = {}): Promise<T> => {
    const [place = ''] = path.split('?');
    if (method === 'GET' && place === '/api/v1') {
      const resources = [
        { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
        { name: 'namespaces', kind: 'Namespace', namespaced: false },
      ];
      return Promise.resolve({ resources } as T);
    }
    if (method === 'GET') {
      const found = this.objects.get(place);
      return found === undefined
        ? Promise.reject(new KubernetesError(404, 'NotFound', 'not found'))
        : Promise.resolve(found as T);
    }
    if (method === 'PATCH' && place.endsWith('/bad'))
      return Promise.reject(new KubernetesError(422, 'Invalid', 'is invalid'));
    if (method === 'PATCH') this.applied.push(path);
    const at = method === 'POST' ? `${place}/${(body as Manifest).metadata.name}` : place;
    this.objects.set(at, body);
    return Promise.resolve(body as T);
  };
}

describe('applying manifests', () => {
  const group = (...objects: Manifest[]): ManifestGroup[] => [{ id: '99-x', objects }];
  const INVENTORY = '/api/v1/namespaces/kube-system/configmaps/talos-bootstrap-manifests-inventory';

  test('what is missing is made by server-side apply, what exists is left alone', async () => {
    const api = new FakeApi();
    api.objects.set('/api/v1/namespaces/default/configmaps/old', {});
    const result = await applyManifests(
      api,
      group(manifest('v1', 'ConfigMap', 'old'), manifest('v1', 'ConfigMap', 'new', 'x')),
      false,
    );
    expect(result).toEqual({ created: ['v1/ConfigMap/new'], refused: [] });
    expect(api.applied).toEqual(['/api/v1/namespaces/x/configmaps/new?fieldManager=talos']);
    expect(api.objects.has(INVENTORY)).toBe(false);
  });

  test('with an inventory, what was made once is not made again', async () => {
    const api = new FakeApi();
    const groups = group(manifest('v1', 'Namespace', 'n'));
    expect((await applyManifests(api, groups, true)).created).toEqual(['v1/Namespace/n']);
    expect(api.objects.get('/api/v1/namespaces/n')).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n', annotations: { 'config.k8s.io/owning-inventory': 'talos-bootstrap-manifests-inventory' } },
    });
    api.objects.delete('/api/v1/namespaces/n');
    expect((await applyManifests(api, groups, true)).created).toEqual([]);
    expect(api.objects.get(INVENTORY)).toMatchObject({ data: { _n__Namespace: '' } });
  });

  test('an object that is refused does not keep the others back', async () => {
    const api = new FakeApi();
    const groups = group(
      manifest('v1', 'ConfigMap', 'bad'),
      manifest('v1', 'Widget', 'w'),
      manifest('v1', 'ConfigMap', 'good'),
    );
    expect(await applyManifests(api, groups, true)).toEqual({
      created: ['v1/ConfigMap/good'],
      refused: ['v1/ConfigMap/bad: is invalid', 'v1/Widget/w: no such kind'],
    });
  });
});
