import { stringify } from 'yaml';
import { unlikePlanned } from '../../../operations/health/unlike-planned';
import { health } from '../../../operations/health/health';
import { HEALTH_CHECK_NAMES } from '../../../operations/health/health';
import { reportOf } from '../../../operations/finding';
import { Ipv4 } from '../../../modules/model/addresses';
import type { ClusterPlan, NodePlan } from '../../../modules/model/cluster-plan';
import { examplePlan } from '../../setup/example-plan';
import { FakeCluster, KUBE_VIP_PODS, LEASE, NOW, release, secretsOf, service } from './fake-cluster';

/** Three control planes and a worker. */
const plan = (): ClusterPlan => {
  const { nodes, ...rest } = examplePlan();
  const [first, , worker] = nodes as [NodePlan, NodePlan, NodePlan];
  const planes = [0, 1, 2].map((index) => ({
    ...first,
    ...{ name: `controlplane${index}`, vmName: `talos-controlplane${index}`, vmId: 1500 + index, index },
    address: Ipv4.parse(`10.0.1.${index + 1}`),
  }));
  return { ...examplePlan(), ...rest, nodes: [...planes, worker] };
};

const nodeOf = (cluster: FakeCluster, name: string): NodePlan => {
  const found = cluster.plan.nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
};

const daemonSet = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-vip';

describe('O-1 health', () => {
  test('a cluster that is well passes every check', async () => {
    const cluster = new FakeCluster(plan());
    expect(reportOf(await health(cluster.plan, await cluster.readers(), 1000), HEALTH_CHECK_NAMES, false)).toBe(
      `PASS  proxmox-api     Proxmox VE 9.2.6 answers
PASS  machines        4 of 4 VMs run on their hosts
PASS  talos-api       4 of 4 nodes run Talos v1.13.9
PASS  talos-services  services of 4 of 4 nodes are healthy
PASS  time            4 of 4 nodes are within 2 s of their time server
PASS  etcd            3 of 3 members healthy: controlplane0, controlplane1, controlplane2
PASS  kubernetes-api  ready on 3 of 3 control planes
PASS  vip             the API answers at https://10.0.3.1:6443; the lease is held by controlplane0
PASS  kube-vip        4 objects as planned, a pod ready on 3 of 3 control planes
PASS  nodes           4 of 4 Ready
PASS  cilium          Cilium 1.19.6 is deployed, an agent ready on 4 of 4 nodes
PASS  flux            Flux 2.18.3 is deployed, 1 controllers available
PASS  flux-sync       2 of 2 sources and Kustomizations are Ready
PASS  ingress         10.0.3.2:80, 10.0.3.2:443 take connections
PASS  dns             10.0.3.3 answer to DNS
PASS  certificates    none has expired; of kubeconfig, talosconfig and their authorities the first ends in 333 days
`,
    );
  });

  test.each<readonly [string, (cluster: FakeCluster) => void, readonly string[]]>([
    [
      'a VM is off',
      (cluster) => {
        cluster.guests = cluster.guests.map((guest) => (guest.vmid === 1501 ? { ...guest, status: 'stopped' } : guest));
        cluster.cutOff(nodeOf(cluster, 'controlplane1'));
      },
      [
        'FAIL machines: VM 1501 of controlplane1 is stopped',
        'SKIP talos-api: 3 of 4 are good; controlplane1 is off (machines)',
        'SKIP talos-services: 3 of 4 are good; controlplane1 is off (machines)',
        'SKIP time: 3 of 4 are good; controlplane1 is off (machines)',
        'SKIP etcd: 2 of 3 are good; controlplane1 is off (machines)',
        'SKIP kubernetes-api: 2 of 3 are good; controlplane1 is off (machines)',
        'SKIP kube-vip: 6 of 7 are good; controlplane1 is off (machines)',
        'SKIP nodes: 3 of 4 are good; controlplane1 is off (machines)',
        'SKIP cilium: 4 of 5 are good; controlplane1 is off (machines)',
        'SKIP certificates: 9 of 11 are good; controlplane1 is off (machines)',
      ],
    ],
    [
      'a worker whose network is cut',
      (cluster) => cluster.cutOff(nodeOf(cluster, 'worker0')),
      [
        'FAIL talos-api: worker0: no answer from 10.0.2.1',
        'SKIP talos-services: 3 of 4 are good; worker0 does not answer (talos-api)',
        'SKIP time: 3 of 4 are good; worker0 does not answer (talos-api)',
        'SKIP nodes: 3 of 4 are good; worker0 does not answer (talos-api)',
        'SKIP cilium: 4 of 5 are good; worker0 does not answer (talos-api)',
        'SKIP certificates: 10 of 11 are good; worker0 does not answer (talos-api)',
      ],
    ],
    [
      'a VM of somebody else has the id',
      (cluster) => {
        cluster.guests = cluster.guests.map((guest) => (guest.vmid === 2000 ? { ...guest, tags: 'other' } : guest));
      },
      ["FAIL machines: VM 2000 of worker0 lacks tag groundwork-infrastructure: it is not this cluster's"],
    ],
    [
      'a VM is on another host',
      (cluster) => {
        cluster.guests = cluster.guests.map((guest) => (guest.vmid === 2000 ? { ...guest, node: 'rhea' } : guest));
      },
      ['FAIL machines: VM 2000 of worker0 is on rhea, planned on atlas'],
    ],
    [
      'the kubelet of a node is sick',
      (cluster) => (cluster.node('10.0.2.1').services = [service('kubelet', false, 'Running', 'connection refused')]),
      ['FAIL talos-services: worker0: kubelet is Running, connection refused'],
    ],
    [
      'a clock is wrong',
      (cluster) => (cluster.node('10.0.2.1').time = { server: 'time.cloudflare.com', aheadMs: -90_000 }),
      ['FAIL time: worker0 is 90 s behind time.cloudflare.com'],
    ],
    [
      'a member of etcd is sick, and with it the API server before it',
      (cluster) => {
        const node = cluster.node('10.0.1.2');
        node.services = node.services.map((one) =>
          one.id === 'etcd' ? service('etcd', false, 'Running', 'no quorum') : one,
        );
        cluster.ready.set('10.0.1.2', { status: 500, body: '[+]ping ok\n[-]etcd failed: reason withheld\n' });
      },
      [
        'FAIL etcd: controlplane1: etcd is Running, no quorum',
        'SKIP kubernetes-api: 2 of 3 are good; controlplane1 has no healthy etcd (etcd)',
        'SKIP kube-vip: 6 of 7 are good; controlplane1 has no healthy etcd (etcd)',
        'SKIP cilium: 4 of 5 are good; controlplane1 has no healthy etcd (etcd)',
      ],
    ],
    [
      'a member that was left over, and an alarm',
      (cluster) => {
        const node = cluster.node('10.0.1.1');
        const stranger = { id: '9', hostname: 'controlplane3', peer_urls: [], client_urls: [], is_learner: false };
        node.members = [...node.members, stranger];
        node.alarms = [{ member_id: '2', alarm: 'NOSPACE' }];
      },
      ['FAIL etcd: member controlplane3 is not planned; alarm NOSPACE at controlplane1'],
    ],
    [
      'an API server is not ready',
      (cluster) => cluster.ready.set('10.0.1.3', { status: 500, body: '[+]ping ok\n[-]informer-sync failed: x\n' }),
      [
        'FAIL kubernetes-api: controlplane2: /readyz is 500, for informer-sync',
        'SKIP kube-vip: 6 of 7 are good; controlplane2 has no API server that is ready (kubernetes-api)',
        'SKIP cilium: 4 of 5 are good; controlplane2 has no API server that is ready (kubernetes-api)',
      ],
    ],
    [
      'nobody has the VIP',
      (cluster) => cluster.ready.set('10.0.3.1', new Error('no answer within 5 s')),
      ['FAIL vip: nobody answers at https://10.0.3.1:6443: no answer within 5 s; the lease is held by controlplane0'],
    ],
    [
      'a lease that nobody renews',
      (cluster) =>
        cluster.objects.set(LEASE, {
          spec: {
            holderIdentity: 'controlplane2',
            leaseDurationSeconds: 5,
            renewTime: new Date(NOW.getTime() - 60_000).toISOString(),
          },
        }),
      [
        'FAIL vip: the API answers at https://10.0.3.1:6443; the lease is held by controlplane2, who renewed it 60 s ago',
      ],
    ],
    [
      'etcd takes no writes, and so the lease ends',
      (cluster) => {
        cluster.node('10.0.1.1').alarms = [{ member_id: '2', alarm: 'NOSPACE' }];
        cluster.ready.set('10.0.3.1', new Error('no answer within 5 s'));
      },
      [
        'FAIL etcd: alarm NOSPACE at controlplane1',
        'SKIP vip: nobody answers at https://10.0.3.1:6443: no answer within 5 s; the lease is held by controlplane0: etcd takes no writes, alarm NOSPACE (etcd)',
      ],
    ],
    [
      'a node is NotReady',
      (cluster) => cluster.notReady('worker0'),
      [
        'FAIL nodes: worker0 is not Ready: Kubelet stopped posting node status.',
        'SKIP cilium: 4 of 5 are good; worker0 is not Ready (nodes)',
      ],
    ],
    [
      'a Helm release has failed',
      (cluster) =>
        cluster.objects.set(secretsOf('flux-system', 'flux2'), [
          release(1, 'superseded', '2.18.3'),
          release(2, 'failed', '2.18.3', 'Upgrade "flux2" failed: timed out'),
        ]),
      ['FAIL flux: release flux2 is failed: Upgrade "flux2" failed: timed out'],
    ],
    [
      'a release of another version',
      (cluster) => cluster.objects.set(secretsOf('kube-system', 'cilium'), [release(1, 'deployed', '1.18.0')]),
      ['FAIL cilium: release cilium is 1.18.0, planned 1.19.6'],
    ],
    [
      "kube-vip's objects were changed",
      (cluster) => {
        const text = stringify(cluster.objects.get(daemonSet));
        cluster.objects.set(
          daemonSet,
          JSON.parse(JSON.stringify(cluster.objects.get(daemonSet)).replace('v0.9.2', 'v0.8.0')),
        );
        expect(text).toContain('v0.9.2');
      },
      [
        'FAIL kube-vip: DaemonSet kube-vip is not as planned: spec.template.spec.containers.kube-vip.image is "ghcr.io/kube-vip/kube-vip:v0.8.0", planned "ghcr.io/kube-vip/kube-vip:v0.9.2"',
      ],
    ],
    [
      "a pod of kube-vip's is missing",
      (cluster) => cluster.objects.set(KUBE_VIP_PODS, (cluster.objects.get(KUBE_VIP_PODS) as unknown[]).slice(1)),
      ['FAIL kube-vip: no pod of kube-vip is ready on controlplane0'],
    ],
    [
      'Flux could not apply',
      (cluster) =>
        cluster.objects.set('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations', [
          {
            metadata: { name: 'metallb', namespace: 'flux-system' },
            spec: {},
            status: { conditions: [{ type: 'Ready', status: 'False', message: 'health check failed' }] },
          },
        ]),
      ['FAIL flux-sync: Kustomization metallb: health check failed'],
    ],
    [
      'the entry takes no connections',
      (cluster) => cluster.closed.set('10.0.3.2:443', new Error('connect ECONNREFUSED 10.0.3.2:443')),
      ['FAIL ingress: 10.0.3.2:443 of service gateway: connect ECONNREFUSED 10.0.3.2:443'],
    ],
    [
      'nothing is behind the pools yet',
      (cluster) => cluster.objects.set('/api/v1/services', []),
      [
        'SKIP ingress: no service has an address of pool ingress (10.0.3.2-10.0.3.2)',
        'SKIP dns: no service has an address of pool dns (10.0.3.3-10.0.3.3)',
      ],
    ],
    [
      'the kubeconfig has expired',
      (cluster) => (cluster.hours = { ...cluster.hours, kubeconfig: -1 }),
      [
        'SKIP kubernetes-api: the certificate of the credentials has expired (certificates)',
        'SKIP vip: the certificate of the credentials has expired (certificates)',
        'SKIP kube-vip: the certificate of the credentials has expired (certificates)',
        'SKIP nodes: the certificate of the credentials has expired (certificates)',
        'SKIP cilium: the certificate of the credentials has expired (certificates)',
        'SKIP flux: the certificate of the credentials has expired (certificates)',
        'SKIP flux-sync: the certificate of the credentials has expired (certificates)',
        'SKIP ingress: the certificate of the credentials has expired (certificates)',
        'SKIP dns: the certificate of the credentials has expired (certificates)',
        "FAIL certificates: kubeconfig's certificate has expired on 2026-11-21",
      ],
    ],
    [
      'the talosconfig ends soon',
      (cluster) => (cluster.hours = { ...cluster.hours, talosconfig: 200 }),
      ["FAIL certificates: talosconfig's certificate expires in 8 days, on 2026-11-29"],
    ],
    [
      'a node serves a certificate that has expired',
      (cluster) => cluster.served.set('10.0.2.1:50000', { notBefore: new Date(0), notAfter: new Date('2026-11-20') }),
      ["FAIL certificates: the Talos API's certificate on worker0 has expired on 2026-11-20"],
    ],
  ])('%s', async (_what, breakIt, expected) => {
    const cluster = new FakeCluster(plan());
    breakIt(cluster);
    expect(await cluster.defects()).toEqual(expected);
  });

  test('what was not looked at is never good: no token, no kubeconfig', async () => {
    const cluster = new FakeCluster(plan());
    cluster.proxmox = new Error('PROXMOX_VE_API_TOKEN is not set');
    cluster.kubeconfig = new Error('stack infrastructure is not synthesized');
    const defects = await cluster.defects();
    expect(defects.filter((line) => line.startsWith('FAIL'))).toEqual([
      'FAIL proxmox-api: PROXMOX_VE_API_TOKEN is not set',
      'FAIL kubernetes-api: stack infrastructure is not synthesized',
    ]);
    expect(defects.map((line) => line.split(/[ :]/)[1])).toEqual([
      ...['proxmox-api', 'machines', 'kubernetes-api', 'vip', 'kube-vip', 'nodes', 'cilium', 'flux', 'flux-sync'],
      ...['ingress', 'dns', 'certificates'],
    ]);
  });

  test('without a majority of healthy members there is no quorum, whatever explains the others', async () => {
    const cluster = new FakeCluster(plan());
    cluster.guests = cluster.guests.map((guest) =>
      [1501, 1502].includes(guest.vmid) ? { ...guest, status: 'stopped' } : guest,
    );
    for (const name of ['controlplane1', 'controlplane2']) cluster.cutOff(nodeOf(cluster, name));
    expect((await cluster.defects()).filter((line) => line.startsWith('FAIL'))).toEqual([
      'FAIL machines: VM 1501 of controlplane1 is stopped; VM 1502 of controlplane2 is stopped',
      'FAIL etcd: no quorum: 2 of 3 members lost; 1 of 3 are good; controlplane1 is off (machines); controlplane2 is off (machines)',
    ]);
  });

  test('a check that takes too long has failed', async () => {
    const cluster = new FakeCluster(plan());
    const readers = { ...(await cluster.readers()), connects: () => new Promise<void>(() => undefined) };
    const findings = await health(cluster.plan, readers, 50);
    expect(findings.filter(({ outcome }) => outcome !== 'PASS')).toEqual([
      {
        check: 'ingress',
        outcome: 'FAIL',
        fact: 'not done within 0.2 s',
        fix: 'raise --timeout, or look at the network',
      },
    ]);
  });
});

describe('unlikePlanned', () => {
  test.each([
    [{ a: 1 }, { a: 1, filledIn: true }, []],
    [{ a: { b: 1 } }, { a: {} }, ['a.b is nothing, planned 1']],
    [{ list: [1, 2] }, { list: [1, 2, 3] }, ['list is [1,2,3], planned [1,2]']],
    [
      { env: [{ name: 'A', value: '1' }] },
      {
        env: [
          { name: 'B', value: '1' },
          { name: 'A', value: '1' },
        ],
      },
      ['env.B is not planned'],
    ],
    [{ env: [{ name: 'A', value: '1' }] }, {}, ['env.A is missing']],
    [
      { rules: [{ verbs: ['get'] }] },
      { rules: [{ verbs: ['get', 'list'] }] },
      ['rules[0].verbs is ["get","list"], planned ["get"]'],
    ],
  ])('%j and %j', (planned, actual, expected) => {
    expect(unlikePlanned(planned, actual)).toEqual(expected);
  });
});
