import { imageTag, readNodeConfig } from '../../../lab/control-plane/machine-config';
import { machineConfigs } from './testbed/machine-configs';

const nodes = [
  { name: 'controlplane0', address: '10.0.1.1', role: 'controlplane' },
  { name: 'worker0', address: '10.0.2.1', role: 'worker' },
] as const;

interface Document {
  machine: Record<string, unknown>;
  cluster: Record<string, unknown>;
}

describe('a machine config as the services of a node read it', () => {
  let configs: Record<string, Document>;

  beforeAll(async () => {
    configs = (await machineConfigs({ nodes, vip: '10.0.3.1' })) as unknown as Record<string, Document>;
  });

  const read = (name: string, change: Partial<Document> = {}): ReturnType<typeof readNodeConfig> => {
    const { machine = {}, cluster = {} } = configs[name] ?? {};
    return readNodeConfig({ machine: { ...machine, ...change.machine }, cluster: { ...cluster, ...change.cluster } });
  };

  test('endpoint, subnets and KubePrism', () => {
    const config = read('controlplane0');
    expect(config.endpoint).toEqual({ url: 'https://10.0.3.1:6443', host: '10.0.3.1', port: 6443 });
    expect(config.kubePrismPort).toBe(7445);
    expect(config.serviceSubnets).toEqual(['10.96.0.0/12']);
    expect(config.kubernetesVersion).toBe('1.35.0');
    expect(config.controlPlane?.etcd.advertisedSubnets).toEqual(['10.0.0.0/16', '!10.0.3.1/32']);
  });

  test('KubePrism is off where the config does not turn it on', () => {
    expect(read('worker0', { machine: { features: {} } }).kubePrismPort).toBeUndefined();
  });

  test('a control plane has its role label and its taint', () => {
    const config = read('controlplane0');
    const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
    expect(config.nodeLabels).toEqual({
      'node-role.kubernetes.io/control-plane': '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    });
    expect(config.nodeTaints).toEqual([taint]);
    expect(config.registerWithTaints).toEqual([taint]);
  });

  test('scheduling on control planes takes the taint away and leaves the label', () => {
    const config = read('controlplane0', { cluster: { allowSchedulingOnControlPlanes: true } });
    expect(config.nodeTaints).toEqual([]);
    expect(config.nodeLabels).toHaveProperty(['node-role.kubernetes.io/control-plane'], '');
  });

  test('a worker has no control plane, and taints as Talos writes them', () => {
    const config = read('worker0', { machine: { nodeTaints: { gpu: 'NoSchedule', team: 'red:NoExecute' } } });
    expect(config.controlPlane).toBeUndefined();
    expect(config.nodeTaints).toEqual([
      { key: 'gpu', effect: 'NoSchedule' },
      { key: 'team', value: 'red', effect: 'NoExecute' },
    ]);
  });

  test('an argument may have one value or a list', () => {
    const apiServer = { extraArgs: { 'feature-gates': 'A=true', 'oidc-issuer-url': ['a', 'b'] } };
    expect(read('controlplane0', { cluster: { apiServer } }).controlPlane?.apiServer.extraArgs).toEqual({
      'feature-gates': ['A=true'],
      'oidc-issuer-url': ['a', 'b'],
    });
  });

  test('the host name of the image serves where the config has none', () => {
    const document = { ...configs['worker0'], machine: { type: 'worker' } };
    expect(readNodeConfig(document, 'from-image').hostname).toBe('from-image');
    expect(() => readNodeConfig(document)).toThrow(
      'machine config has no machine.network.hostname: apply a config that sets it',
    );
  });

  test.each([
    ['registry.k8s.io/kube-apiserver:v1.35.0', '1.35.0'],
    ['registry:5000/kubelet:v1.36.0-rc.1@sha256:abc', '1.36.0-rc.1'],
    ['registry:5000/kubelet', '9.9.9'],
    [undefined, '9.9.9'],
  ])('version of image %s is %s', (image, version) => {
    expect(imageTag(image, '9.9.9')).toBe(version);
  });
});
