import { readNodeConfig, type NodeConfig } from '../../../lab/control-plane/machine-config';
import { desiredNode } from '../../../lab/control-plane/node-apply';

const base = readNodeConfig({
  machine: { type: 'worker', network: { hostname: 'worker0' } },
  cluster: { controlPlane: { endpoint: 'https://10.0.3.1:6443' }, token: 'a.b', ca: { crt: '' } },
});
const config = (change: Partial<NodeConfig>): NodeConfig => ({ ...base, ...change });
const OWNED = 'talos.dev/owned-labels';

describe('labels and taints that Talos keeps on a Node', () => {
  test('are added, and remembered as its own', () => {
    const wanted = config({ nodeLabels: { rack: 'a1' }, nodeTaints: [{ key: 'gpu', effect: 'NoSchedule' }] });
    const node = desiredNode({ metadata: { name: 'worker0', labels: { other: 'x' } }, spec: {} }, wanted);
    expect(node.metadata.labels).toEqual({ other: 'x', rack: 'a1' });
    expect(node.metadata.annotations).toEqual({ [OWNED]: '["rack"]', 'talos.dev/owned-taints': '["gpu"]' });
    expect(node.spec?.taints).toEqual([{ key: 'gpu', effect: 'NoSchedule' }]);
  });

  test('a label that somebody else has set keeps its value', () => {
    const node = desiredNode(
      { metadata: { name: 'worker0', labels: { rack: 'b2' } } },
      config({ nodeLabels: { rack: 'a1' } }),
    );
    expect(node.metadata.labels).toEqual({ rack: 'b2' });
    expect(node.metadata.annotations).toEqual({});
  });

  test('its own are changed, and go when the config no longer has them', () => {
    const node = {
      metadata: { name: 'worker0', labels: { rack: 'a1', row: '3' }, annotations: { [OWNED]: '["rack","row"]' } },
    };
    expect(desiredNode(node, config({ nodeLabels: { rack: 'a2' } })).metadata.labels).toEqual({ rack: 'a2' });
  });

  test('taints of others stay', () => {
    const taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }];
    expect(desiredNode({ metadata: { name: 'worker0' }, spec: { taints } }, config({})).spec?.taints).toEqual(taints);
  });
});
