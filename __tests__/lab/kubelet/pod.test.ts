import { imageRepository, isMarkedNotReady, isNetworkPlugin, type Pod } from '../../../lab/kubelet/pod';
import { runningPodStatus } from '../../../lab/kubelet/pod-status';
import { mirrorPod } from '../../../lab/kubelet/mirror-pods';

const agent: Pod = {
  metadata: { name: 'cilium-x', labels: { 'k8s-app': 'cilium' } },
  spec: { containers: [] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};

test.each([
  ['ghcr.io/kube-vip/kube-vip:v0.9.2', 'ghcr.io/kube-vip/kube-vip'],
  ['registry:5000/kube-vip', 'registry:5000/kube-vip'],
  ['registry:5000/kube-vip:v1@sha256:abc', 'registry:5000/kube-vip'],
])('repository of %s', (image, repository) => {
  expect(imageRepository(image)).toBe(repository);
});

test.each<[string, Pod, boolean]>([
  ['a ready agent', agent, true],
  ['another pod', { ...agent, metadata: { name: 'x', labels: { 'k8s-app': 'cilium-operator' } } }, false],
  ['an agent that is not ready', { ...agent, status: { phase: 'Running' } }, false],
  ['an agent that is being deleted', { ...agent, metadata: { ...agent.metadata, deletionTimestamp: 'now' } }, false],
])('%s is the network plugin: %#', (_, pod, expected) => {
  expect(isNetworkPlugin(pod)).toBe(expected);
});

describe('status of a pod that runs as a process', () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  const report = {
    name: 'main',
    image: 'a:1',
    isRunning: true,
    isReady: true,
    startedAt: at,
    restartCount: 0,
    lastExit: undefined,
  };

  test('while it runs', () => {
    expect(runningPodStatus(report, '10.0.1.1', at, at)).toMatchObject({
      phase: 'Running',
      podIP: '10.0.1.1',
      containerStatuses: [
        { ready: true, restartCount: 0, state: { running: { startedAt: '2026-11-21T10:00:00Z' } }, lastState: {} },
      ],
    });
  });

  test('after it was killed', () => {
    const lastExit = { code: null, signal: 'SIGKILL', at } as const;
    expect(
      runningPodStatus({ ...report, isRunning: false, isReady: false, restartCount: 2, lastExit }, '10.0.1.1', at, at),
    ).toMatchObject({
      conditions: [{}, {}, { type: 'Ready', status: 'False', reason: 'ContainersNotReady' }, {}, {}],
      containerStatuses: [
        {
          ready: false,
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 137, reason: 'Error' } },
        },
      ],
    });
  });
});

test('a mirror pod has the owner, labels and annotations that the API server and Talos ask for', () => {
  const pod = {
    name: 'kube-apiserver',
    image: 'registry.k8s.io/kube-apiserver:v1.35.0',
    command: ['/usr/local/bin/kube-apiserver'],
    revision: 'r1',
    isRunning: true,
    isReady: true,
    startedAt: new Date(),
    restartCount: 0,
    lastExit: undefined,
  };
  expect(mirrorPod(pod, { nodeName: 'controlplane0', nodeAddress: '10.0.1.1' }, 'uid-1')).toMatchObject({
    metadata: {
      name: 'kube-apiserver-controlplane0',
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-apiserver', component: 'kube-apiserver', tier: 'control-plane' },
      annotations: { 'kubernetes.io/config.mirror': '7c92cf1eee8d99cc85f8355a3d6e4b86' },
      ownerReferences: [{ kind: 'Node', name: 'controlplane0', uid: 'uid-1', controller: true }],
    },
    spec: { nodeName: 'controlplane0', hostNetwork: true },
  });
});

const conditions = (ready: string, containers: string, phase = 'Running'): Pod => ({
  ...agent,
  status: {
    phase,
    conditions: [
      { type: 'Ready', status: ready },
      { type: 'ContainersReady', status: containers },
    ],
  },
});

test.each<[string, Pod, boolean]>([
  ['a pod that is ready', conditions('True', 'True'), false],
  ['a pod of a node that was silent', conditions('False', 'True'), true],
  ['a pod whose containers are not ready', conditions('False', 'False'), false],
  ['a pod that has done its work', conditions('False', 'True', 'Succeeded'), false],
])('%s is marked by the node controller: %#', (_, pod, expected) => {
  expect(isMarkedNotReady(pod)).toBe(expected);
});
