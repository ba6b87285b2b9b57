import { newNode, nodeConditions, nodeStatus } from '../../../lab/kubelet/node-object';

const facts = {
  name: 'worker0',
  address: '10.0.2.1',
  talosVersion: 'v1.13.9',
  kubernetesVersion: '1.35.0',
  cores: 4,
  memoryMiB: 4096,
  uuid: '7e0a8b2c-0000-4000-8000-000000000001',
  isControlPlane: false,
  registerWithTaints: [],
};

describe('the Node object', () => {
  test('says what Talos’ kubelet says', () => {
    expect(nodeStatus(facts)).toMatchObject({
      addresses: [
        { type: 'InternalIP', address: '10.0.2.1' },
        { type: 'Hostname', address: 'worker0' },
      ],
      capacity: { cpu: '4', memory: '4194304Ki' },
      allocatable: { cpu: '3950m', memory: '3698688Ki' },
      nodeInfo: { osImage: 'Talos (v1.13.9)', kubeletVersion: 'v1.35.0', operatingSystem: 'linux' },
    });
  });

  test('is NotReady without a network plugin, in the words of the kubelet', () => {
    expect(nodeConditions(false).find(({ type }) => type === 'Ready')).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    });
    expect(nodeConditions(true).find(({ type }) => type === 'Ready')?.status).toBe('True');
  });

  test('is born with its taints and with a status', () => {
    const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
    expect(newNode({ ...facts, registerWithTaints: [taint] }, '2026-11-21T10:00:00Z')).toMatchObject({
      metadata: { name: 'worker0', labels: { 'kubernetes.io/hostname': 'worker0', 'kubernetes.io/os': 'linux' } },
      spec: { taints: [taint] },
      status: {
        conditions: [{}, {}, {}, { type: 'Ready', status: 'False', lastTransitionTime: '2026-11-21T10:00:00Z' }],
      },
    });
  });
});
