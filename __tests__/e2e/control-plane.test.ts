import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { kubeVip, networkPlugin } from '../lab/control-plane/testbed/manifests';
import { Testbed } from '../lab/control-plane/testbed/testbed';

interface Member {
  readonly id: string;
  readonly hostname: string;
  readonly isLearner: boolean;
}

interface Service {
  readonly id: string;
  readonly state: string;
  readonly health: { readonly healthy: boolean };
}

const VIP = '10.0.3.1';
const ADDRESSES: Readonly<Record<string, string>> = {
  controlplane0: '10.0.1.1',
  controlplane1: '10.0.1.2',
  controlplane2: '10.0.1.3',
};
const CONTROL_PLANES = Object.keys(ADDRESSES);

/** One cluster for all scenarios, in this order: each leaves it whole. */
describe('control planes of the lab', () => {
  let testbed: Testbed;

  beforeAll(async () => {
    testbed = await Testbed.create({
      nodes: [
        ...CONTROL_PLANES.map((name) => ({ name, address: ADDRESSES[name] ?? '', role: 'controlplane' as const })),
        { name: 'worker0', address: '10.0.2.1', role: 'worker' },
      ],
      vip: VIP,
      inlineManifests: [{ name: 'kube-vip', contents: kubeVip(VIP) }],
    });
    await Promise.all([...CONTROL_PLANES, 'worker0'].map((name) => testbed.on(name)));
    await testbed.bootstrap('controlplane0');
  }, 60_000);

  afterAll(async () => {
    await testbed.destroy(process.env['GROUNDWORK_KEEP'] !== undefined);
  });

  const members = (name = 'controlplane0'): Promise<Member[]> => testbed.call<Member[]>(name, '/members');
  const threeVoters = async (): Promise<boolean> => {
    const list = await members();
    return list.length === 3 && list.every(({ isLearner, hostname }) => !isLearner && hostname !== '');
  };
  const isReady = (address?: string) => (): Promise<boolean> =>
    testbed.kubectl('get --raw /readyz', address).then(() => true);
  const nodeStatuses = async (): Promise<string[]> => {
    const list = await testbed.kubectl('get nodes --no-headers');
    return list
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 2).join(' '));
  };
  const holders = async (): Promise<string[]> => {
    const found = await Promise.all(
      CONTROL_PLANES.map(async (name) => {
        const { stdout } = await testbed.run('ip', '-n', name, '-br', 'addr', 'show', 'eth0');
        return stdout.includes(`${VIP}/`) ? [name] : [];
      }),
    );
    return found.flat();
  };
  const apply = async (text: string): Promise<string> => {
    const file = join(testbed.folder, 'manifest.yaml');
    writeFileSync(file, text);
    return testbed.kubectl(`apply -f ${file}`);
  };

  test('three join through the endpoint, without discovery, and each API server is ready', async () => {
    await testbed.until('the API at the VIP', isReady(), 60_000);
    for (const address of Object.values(ADDRESSES))
      await testbed.until(`the API at ${address}`, isReady(address), 60_000);
    await testbed.until('three voting members', threeVoters, 30_000);
    await testbed.until('four nodes', async () => (await nodeStatuses()).length === 4, 30_000);
    expect(await holders()).toHaveLength(1);
  }, 120_000);

  test('a second bootstrap is refused, and so is one of a worker', async () => {
    await expect(testbed.call('controlplane1', '/bootstrap')).rejects.toThrow(
      'ALREADY_EXISTS etcd data directory is not empty',
    );
    await expect(testbed.call('worker0', '/bootstrap')).rejects.toThrow(
      'FAILED_PRECONDITION bootstrap can only be performed on a control plane node',
    );
  });

  test('services and static pods are reported as Talos reports them', async () => {
    const services = await testbed.call<Service[]>('controlplane0', '/services');
    expect(services.map(({ id }) => id)).toEqual(['cri', 'etcd', 'kubelet']);
    expect(services.filter(({ state, health }) => state !== 'Running' || !health.healthy)).toEqual([]);
    expect(await testbed.call('controlplane0', '/static-pods')).toEqual([
      'kube-system/kube-apiserver-controlplane0',
      'kube-system/kube-controller-manager-controlplane0',
      'kube-system/kube-scheduler-controlplane0',
    ]);
  });

  test('nodes are NotReady without a network plugin, and Ready with one', async () => {
    const message = await testbed.kubectl(
      'get node worker0 -o jsonpath={.status.conditions[?(@.type=="Ready")].reason}:{.status.conditions[?(@.type=="Ready")].message}',
    );
    expect(message).toBe(
      'KubeletNotReady:container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    );
    await apply(networkPlugin());
    const ready = ['controlplane0 Ready', 'controlplane1 Ready', 'controlplane2 Ready', 'worker0 Ready'];
    await testbed.until(
      'all nodes Ready',
      async () => JSON.stringify(await nodeStatuses()) === JSON.stringify(ready),
      30_000,
    );
    await testbed.until(
      'CoreDNS',
      async () =>
        (await testbed.kubectl('-n kube-system get deployment coredns -o jsonpath={.status.readyReplicas}')) === '2',
      30_000,
    );
  }, 90_000);

  test('what Talos refuses is refused: anonymous calls, pods that break the baseline', async () => {
    const { stdout } = await testbed.run('curl', '-sk', `https://${VIP}:6443/version`);
    expect(stdout).toContain('"message": "Unauthorized"');
    await expect(
      apply(
        '{ apiVersion: v1, kind: Pod, metadata: { name: bad, namespace: default }, spec: { hostNetwork: true, containers: [{ name: a, image: b }] } }',
      ),
    ).rejects.toThrow('violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)');
  });

  test('pods are played: a deployment runs, a job completes, a deleted pod goes', async () => {
    const pod = '{ containers: [{ name: main, image: example.org/app:1 }]';
    await apply(`
{ apiVersion: apps/v1, kind: Deployment, metadata: { name: app, namespace: default }, spec: { replicas: 2, selector: { matchLabels: { app: app } }, template: { metadata: { labels: { app: app } }, spec: ${pod} } } } }
---
{ apiVersion: batch/v1, kind: Job, metadata: { name: once, namespace: default }, spec: { template: { spec: ${pod}, restartPolicy: Never } } } }
`);
    await testbed.until(
      'the deployment',
      async () => (await testbed.kubectl('get deployment app -o jsonpath={.status.readyReplicas}')) === '2',
      20_000,
    );
    await testbed.until(
      'the job',
      async () => (await testbed.kubectl('get job once -o jsonpath={.status.succeeded}')) === '1',
      20_000,
    );
    await testbed.kubectl('delete deployment app');
    await testbed.until(
      'no pods of it',
      async () => (await testbed.kubectl('get pods -l app=app -o name')) === '',
      20_000,
    );
  }, 60_000);

  test('the VIP moves when kube-apiserver alone dies on its holder', async () => {
    const [holder = ''] = await holders();
    testbed.hold(holder, 'kube-apiserver', true);
    expect(await testbed.kill(holder, 'kube-apiserver')).toBe(1);
    await testbed.until(
      'another holder',
      async () => {
        const now = await holders();
        return now.length === 1 && now[0] !== holder;
      },
      30_000,
    );
    await testbed.until('the API at the VIP', isReady(), 10_000);
    testbed.hold(holder, 'kube-apiserver', false);
    await testbed.until('the API server back', isReady(ADDRESSES[holder]), 30_000);
  }, 90_000);

  test('a killed API server is started again at once', async () => {
    const [holder = ''] = await holders();
    const other = CONTROL_PLANES.find((name) => name !== holder) ?? '';
    expect(await testbed.kill(other, 'kube-controller-manager')).toBe(1);
    await testbed.until(
      'it is ready again',
      async () => {
        const status = await testbed.kubectl(
          `-n kube-system get pod kube-controller-manager-${other} -o jsonpath={.status.containerStatuses[0].restartCount}:{.status.containerStatuses[0].ready}`,
        );
        return status === '1:true';
      },
      30_000,
    );
  }, 60_000);

  test('a config is taken without a restart: labels, arguments of one component, a new manifest', async () => {
    const { machine, cluster } = testbed.config('controlplane1');
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: added, namespace: kube-system }';
    const config = {
      machine: { ...machine, nodeLabels: { rack: 'a1' } },
      cluster: {
        ...cluster,
        apiServer: { ...(cluster['apiServer'] as object), extraArgs: { 'event-ttl': '2h' } },
        inlineManifests: [{ name: 'added', contents: manifest }],
      },
    };
    // One that lost its lease on a busy computer has restarted before: what counts is that this adds none.
    const restarts =
      '-n kube-system get pod kube-scheduler-controlplane1 -o jsonpath={.status.containerStatuses[0].restartCount}';
    const before = await testbed.kubectl(restarts);
    await testbed.call('controlplane1', '/reconfigure', { config });
    await testbed.until('the API server back', isReady(ADDRESSES['controlplane1']), 30_000);
    const server = '-n kube-system get pod kube-apiserver-controlplane1 -o jsonpath={.spec.containers[0].command}';
    await testbed.until('the argument', async () => (await testbed.kubectl(server)).includes('--event-ttl=2h'), 20_000);
    await testbed.until(
      'the label',
      async () => (await testbed.kubectl('get node controlplane1 -o jsonpath={.metadata.labels.rack}')) === 'a1',
      20_000,
    );
    await testbed.until(
      'the manifest',
      () => testbed.kubectl('-n kube-system get configmap added').then(() => true),
      20_000,
    );
    expect(await testbed.kubectl(restarts)).toBe(before);
  }, 90_000);

  test('a mirror pod that somebody deletes is made again', async () => {
    const pod = '-n kube-system get pod kube-scheduler-controlplane0 -o jsonpath={.metadata.uid}';
    const before = await testbed.kubectl(pod);
    await testbed.kubectl('-n kube-system delete pod kube-scheduler-controlplane0 --grace-period=0 --force');
    await testbed.until('another', async () => (await testbed.kubectl(pod)) !== before, 20_000);
  }, 30_000);

  test('a node that lost its disk rejoins under its name, and its old member goes', async () => {
    const before = (await members()).find(({ hostname }) => hostname === 'controlplane2')?.id;
    await testbed.cut('controlplane2');
    await testbed.wipe('controlplane2');
    await testbed.on('controlplane2');
    await testbed.until(
      'another member of that name',
      async () => {
        const again = (await members()).find(({ hostname }) => hostname === 'controlplane2');
        return again !== undefined && again.id !== before && (await threeVoters());
      },
      60_000,
    );
    await testbed.until('its API server', isReady(ADDRESSES['controlplane2']), 60_000);
  }, 150_000);

  test('a node that was cut off comes back with its data, and an inline manifest that was deleted is not made again', async () => {
    const before = (await members()).find(({ hostname }) => hostname === 'controlplane1')?.id;
    await testbed.kubectl('-n kube-system delete configmap kubeconfig-in-cluster');
    await testbed.off('controlplane1');
    await testbed.on('controlplane1');
    await testbed.until('its API server', isReady(ADDRESSES['controlplane1']), 60_000);
    expect((await members()).find(({ hostname }) => hostname === 'controlplane1')?.id).toBe(before);
    await after(2000);
    await expect(testbed.kubectl('-n kube-system get configmap kubeconfig-in-cluster')).rejects.toThrow('not found');
  }, 120_000);

  test('the leader of etcd, and nobody else, hands the leadership to another member', async () => {
    const forfeit = (node: string): Promise<string> => testbed.call<string>(node, '/forfeit');
    let [leader, next] = ['', ''];
    for (const { hostname } of await members()) {
      next = await forfeit(hostname);
      leader = hostname;
      if (next !== '') break;
    }
    expect((await members()).map(({ hostname }) => hostname).filter((hostname) => hostname !== leader)).toContain(next);
    expect(await forfeit(leader)).toBe('');
    expect(await forfeit(next)).not.toBe('');
  }, 30_000);

  test('a node leaves etcd: member, data and static pods go', async () => {
    await testbed.call('controlplane2', '/leave');
    expect((await members()).map(({ hostname }) => hostname).sort()).toEqual(['controlplane0', 'controlplane1']);
    expect(existsSync(join(testbed.folder, 'controlplane2', 'EPHEMERAL', 'etcd'))).toBe(false);
    expect(await testbed.call('controlplane2', '/static-pods')).toEqual([]);
    await expect(testbed.call('controlplane0', '/remove', { id: '12345' })).rejects.toThrow(
      'NOT_FOUND etcdserver: member not found',
    );
  }, 60_000);

  test('a join waits while etcd has no quorum', async () => {
    await testbed.cut('controlplane2');
    await testbed.wipe('controlplane2');
    await testbed.cut('controlplane1');
    await testbed.on('controlplane2');
    await after(8000);
    await expect(members('controlplane0')).rejects.toThrow('UNAVAILABLE');
    const etcd = (await testbed.call<Service[]>('controlplane2', '/services')).find(({ id }) => id === 'etcd');
    expect(etcd?.state).toBe('Preparing');
    await testbed.on('controlplane1');
    await testbed.until('three voting members', threeVoters, 90_000);
  }, 150_000);

  test('secrets are readable by their owner alone', async () => {
    const { stdout } = await testbed.run(
      'find',
      join(testbed.folder, 'controlplane0', 'EPHEMERAL', 'system'),
      '-type',
      'f',
      '-perm',
      '/077',
    );
    expect(stdout).toBe('');
    const { stdout: processes } = await testbed.run('ps', '-eo', 'args');
    const config = JSON.parse(readFileSync(join(testbed.folder, 'controlplane0', 'config.json'), 'utf8')) as {
      cluster: { token: string; secretboxEncryptionSecret: string };
    };
    expect(processes).not.toContain(config.cluster.token);
    expect(processes).not.toContain(config.cluster.secretboxEncryptionSecret);
  });

  test('a cluster whose control planes are all lost is restored from a snapshot', async () => {
    const snapshot = join(testbed.folder, 'snapshot.db');
    await testbed.kubectl('create configmap precious --from-literal=a=b');
    await testbed.snapshot('controlplane0', snapshot);
    // A bolt database in pages of 4096 bytes, and its SHA-256 behind it.
    expect(statSync(snapshot).size % 4096).toBe(32);
    await Promise.all(CONTROL_PLANES.map((name) => testbed.cut(name)));
    await Promise.all(CONTROL_PLANES.map((name) => testbed.wipe(name)));
    for (const name of CONTROL_PLANES) await testbed.on(name);
    const waits = async (): Promise<boolean> =>
      (await testbed.call<Service[]>('controlplane0', '/services')).some(({ state }) => state === 'Preparing');
    await testbed.until('etcd to wait for bootstrap', waits, 20_000);
    await expect(testbed.call('controlplane0', '/bootstrap', { recover: true })).rejects.toThrow(
      'FAILED_PRECONDITION no etcd snapshot was uploaded: send one with EtcdRecover first',
    );
    copyFileSync(snapshot, join(testbed.folder, 'controlplane0', 'EPHEMERAL', 'etcd.snapshot'));
    await testbed.call('controlplane0', '/bootstrap', { recover: true });
    await testbed.until('the API at the VIP', isReady(), 60_000);
    expect(await testbed.kubectl('get configmap precious -o jsonpath={.data.a}')).toBe('b');
    await testbed.until('three voting members', threeVoters, 90_000);
  }, 240_000);
});
