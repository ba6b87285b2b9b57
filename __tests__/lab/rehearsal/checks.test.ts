import { gzipSync } from 'node:zlib';
import {
  destroyed,
  etcdQuorum,
  helmReleases,
  nodesReady,
  secondPlan,
  vipHolder,
  type Cluster,
} from '../../../lab/rehearsal/checks';
import { KubernetesApi } from '../../../lab/rehearsal/kubernetes-api';
import type { TalosApi, TalosEtcdMember, TalosNode } from '../../../lab/rehearsal/talos-api';
import { fakeLab, startFakeApi, type FakeApi } from './data-centre';

const node = (name: string, address: string, ready = true): unknown => ({
  metadata: { name },
  status: {
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    nodeInfo: { kubeletVersion: 'v1.35.0' },
  },
});

const release = (name: string, chart: string, version: string, status: string): unknown => {
  const packed = gzipSync(JSON.stringify({ chart: { metadata: { name: chart, version } } })).toString('base64');
  return {
    metadata: { name: `sh.helm.release.v1.${name}.v1`, namespace: 'kube-system', labels: { name, status } },
    data: { release: Buffer.from(packed).toString('base64') },
  };
};

const holding =
  (vmid: number) =>
  (asked: number): string =>
    JSON.stringify([
      { ifname: 'eth0', addr_info: asked === vmid ? [{ local: '10.0.1.1' }, { local: '127.0.0.1' }] : [{}] },
    ]);

describe('checks of a deployed cluster', () => {
  let fake: FakeApi;
  const members = (...names: readonly string[]): TalosEtcdMember[] =>
    names.map((hostname) => ({ id: hostname, hostname, peer_urls: [`https://${hostname}:2380`], is_learner: false }));
  const talos = (list: (node: TalosNode) => TalosEtcdMember[], healthy = true): TalosApi =>
    ({
      etcdMembers: (asked: TalosNode) => Promise.resolve(list(asked)),
      services: () => Promise.resolve([{ id: 'etcd', state: 'Running', health: { healthy, last_message: '' } }]),
    }) as unknown as TalosApi;
  const cluster = (given: Partial<Cluster> = {}): Cluster => ({
    lab: fakeLab(() => ({})),
    api: new KubernetesApi(fake.kubeconfig),
    talos: talos(() => members('controlplane0', 'controlplane1')),
    patienceMs: 0,
    ...given,
  });
  const factOf = async (result: Promise<{ status: string; fact: string }>): Promise<string> => {
    const { status, fact } = await result;
    return `${status} ${fact}`.replace(/127\.0\.0\.1:\d+/g, 'VIP');
  };

  beforeAll(async () => {
    fake = await startFakeApi();
  });
  afterAll(() => fake.close());
  beforeEach(() => fake.answers.clear());

  test('T-1 every node of the spec, and no other, is Ready at its own address', async () => {
    const items = [node('controlplane0', '10.0.1.1'), node('controlplane1', '10.0.1.2'), node('worker0', '10.0.2.1')];
    fake.answers.set('/api/v1/nodes', { items });
    expect(await factOf(nodesReady(cluster()))).toBe('PASS 3 of 3 Ready at VIP');
    fake.answers.set('/api/v1/nodes', {
      items: [
        node('controlplane0', '10.0.9.9'),
        node('controlplane1', '10.0.1.2', false),
        node('worker0', '10.0.2.1'),
        node('worker1', '10.0.2.2'),
      ],
    });
    expect(await factOf(nodesReady(cluster()))).toBe(
      'FAIL 1 of 3 Ready at VIP; not so: controlplane0, controlplane1; not in the spec: worker1',
    );
  });

  test('an API that refuses is a failure with its answer', async () => {
    expect(await factOf(nodesReady(cluster()))).toBe('FAIL GET https://VIP/api/v1/nodes: HTTP 404 not found');
  });

  test('T-12 one holder of the VIP, by address and by lease', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/plndr-cp-lock';
    fake.answers.set(path, { spec: { holderIdentity: 'controlplane1' } });
    const check = (vmid: number): Promise<string> =>
      factOf(vipHolder(cluster({ lab: fakeLab(() => ({}), holding(vmid)) })));
    expect(await check(1501)).toBe('PASS 127.0.0.1 is on controlplane1; the lease is held by controlplane1');
    expect(await check(1500)).toBe('FAIL 127.0.0.1 is on controlplane0; the lease is held by controlplane1');
    expect(await check(1)).toBe('FAIL 127.0.0.1 is on no node; the lease is held by controlplane1');
    fake.answers.delete(path);
    expect(await check(1501)).toBe("PASS 127.0.0.1 is on controlplane1; kube-vip has no lease: it is Talos' own VIP");
    expect(await check(1)).toBe("FAIL 127.0.0.1 is on no node; kube-vip has no lease: it is Talos' own VIP");
  });

  test('T-13 every member is healthy and lists the same members', async () => {
    expect(await factOf(etcdQuorum(cluster()))).toBe('PASS 2 of 2 members healthy; controlplane0, controlplane1');
    const split = talos(({ name }) => members(name));
    expect(await factOf(etcdQuorum(cluster({ talos: split })))).toBe(
      'FAIL 0 of 2 members healthy; controlplane0: lists controlplane0; controlplane1: lists controlplane1',
    );
    const sick = talos(() => members('controlplane0', 'controlplane1'), false);
    expect(await factOf(etcdQuorum(cluster({ talos: sick })))).toBe(
      'FAIL 0 of 2 members healthy; controlplane0: etcd is not healthy; controlplane1: etcd is not healthy',
    );
  });

  test('T-15 every chart of the spec is deployed at its version', async () => {
    const check = (...items: readonly unknown[]): Promise<string> => {
      fake.answers.set('/api/v1/secrets', { items });
      return factOf(helmReleases(cluster()));
    };
    expect(await check(release('cilium', 'cilium', '1.19.6', 'deployed'))).toBe('PASS cilium (cilium 1.19.6) deployed');
    expect(await check(release('cilium', 'cilium', '1.19.6', 'failed'))).toBe(
      'FAIL cilium (cilium 1.19.6) failed; missing: cilium 1.19.6',
    );
    expect(await check()).toBe('FAIL no release; missing: cilium 1.19.6');
  });

  test('T-14 a second plan: no changes, by exit status and in words', async () => {
    const check = (diff: string, status: number, plan = ''): Promise<string> =>
      factOf(
        secondPlan({
          lab: fakeLab((command) => (command.startsWith('cdktf') ? { stdout: diff } : { status, stdout: plan })),
        }),
      );
    expect(await check('No changes. Your infrastructure matches the configuration.', 0)).toBe(
      'PASS terraform plan -detailed-exitcode: 0 in 1.5 s; cdktf diff: no changes in 1.5 s',
    );
    expect(await check('  # x will be updated', 2, 'Plan: 0 to add, 1 to change, 0 to destroy.\n')).toBe(
      'FAIL terraform plan -detailed-exitcode: 2 (Plan: 0 to add, 1 to change, 0 to destroy.) in 1.5 s; cdktf diff: changes in 1.5 s',
    );
  });

  test('T-14 destroy leaves nothing: what is left is named', async () => {
    const lab = fakeLab(() => ({}));
    expect(await factOf(destroyed({ lab }))).toBe(
      'PASS cdktf destroy: status 0 in 1.5 s; no VM, disk or image is left',
    );
    const proxmox = {
      virtualMachines: () => [{ vmid: 1500, name: 'talos-controlplane0', host: 'atlas', running: true }],
      volumes: () => ['local:import/talos.qcow2'],
    };
    expect(await factOf(destroyed({ lab: { ...lab, proxmox } }))).toBe(
      'FAIL cdktf destroy: status 0 in 1.5 s; left: talos-controlplane0, local:import/talos.qcow2',
    );
  });
});
