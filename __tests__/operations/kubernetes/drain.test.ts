import { Impatience } from '../../../operations/deployment/eventually';
import { drain, DrainRefused, empty, isClosedBy, type KubernetesNode } from '../../../operations/kubernetes/drain';

type Pod = Readonly<Record<string, unknown>> & { readonly metadata: { readonly name: string } };

const pod = (name: string, kind?: string, more: object = {}): Pod => ({
  metadata: {
    ...{ name, namespace: 'default', uid: `uid of ${name}` },
    ...(kind === undefined ? {} : { ownerReferences: [{ kind, controller: true }] }),
    ...more,
  },
});

/** A node with pods; an evicted one is gone at the next look. `held` are those that a disruption budget holds. */
const nodeWith = (pods: readonly Pod[], held: ReadonlySet<string> = new Set()) => {
  const left = new Map(pods.map((one) => [one.metadata.name, one]));
  const patches: unknown[] = [];
  const evicted: string[] = [];
  const client = {
    find: () => Promise.resolve(undefined),
    get: <T>(path: string) => {
      expect(path).toBe('/api/v1/pods?fieldSelector=spec.nodeName%3Dworker0');
      return Promise.resolve({ items: [...left.values()] } as T);
    },
    patch: (path: string, change: object) => Promise.resolve(void patches.push([path, change])),
    evict: (_namespace: string, name: string) => {
      if (held.has(name)) return Promise.resolve(false);
      left.delete(name);
      evicted.push(name);
      return Promise.resolve(true);
    },
  };
  return { client, patches, evicted };
};
const OPTIONS = { limitMs: 50, pollMs: 1, force: false };

test('evicts all pods but those of daemon sets and of static files', async () => {
  const mirror = pod('etcd', 'Node', { annotations: { 'kubernetes.io/config.mirror': 'x' } });
  const { client, evicted } = nodeWith([
    pod('web', 'ReplicaSet'),
    pod('cilium', 'DaemonSet'),
    mirror,
    pod('db', 'StatefulSet'),
  ]);
  expect(await drain(client, 'worker0', OPTIONS)).toBe(2);
  expect(evicted).toEqual(['web', 'db']);
});

test('waits for a disruption budget, and names what is still there in the end', async () => {
  const { client, evicted } = nodeWith([pod('web', 'ReplicaSet'), pod('db', 'StatefulSet')], new Set(['db']));
  await expect(drain(client, 'worker0', OPTIONS)).rejects.toThrow(
    new Impatience(
      'worker0 is drained: not so within 0.05 s; still there: default/db; a disruption budget forbids the eviction of 1',
    ),
  );
  expect(evicted).toEqual(['web']);
});

test('leaves alone what nobody makes again, and opens the node again', async () => {
  const { client, patches, evicted } = nodeWith([pod('web', 'ReplicaSet'), pod('mine')]);
  await expect(empty(client, 'worker0', 'roll', OPTIONS)).rejects.toThrow(
    new DrainRefused('nobody makes these pods of worker0 again elsewhere: default/mine; move them, or add --force'),
  );
  expect(evicted).toEqual([]);
  expect(patches).toEqual([
    [
      '/api/v1/nodes/worker0',
      { metadata: { annotations: { 'groundwork/cordoned-by': 'roll' } }, spec: { unschedulable: true } },
    ],
    [
      '/api/v1/nodes/worker0',
      { metadata: { annotations: { 'groundwork/cordoned-by': null } }, spec: { unschedulable: null } },
    ],
  ]);
  expect(await drain(client, 'worker0', { ...OPTIONS, force: true })).toBe(2);
});

test('a pod that is over is evicted though nobody makes it again', async () => {
  const { client } = nodeWith([{ ...pod('job'), status: { phase: 'Succeeded' } }]);
  expect(await drain(client, 'worker0', OPTIONS)).toBe(1);
});

test.each([
  [true, 'roll', true],
  [true, 'node-remove', false],
  [true, undefined, false],
  [false, 'roll', false],
])('unschedulable %s and closed by %s is a roll of ours: %s', (unschedulable, by, ours) => {
  const annotations: Record<string, string> = by === undefined ? {} : { 'groundwork/cordoned-by': by };
  const node: KubernetesNode = { metadata: { name: 'a', annotations }, spec: { unschedulable }, status: {} };
  expect(isClosedBy(node, 'roll')).toBe(ours);
});
