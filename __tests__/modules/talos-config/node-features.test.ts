import { nodeFeatures } from '../../../modules/talos-config/node-features';
import { examplePlan } from '../../setup/example-plan';

const [controlPlane, , worker] = examplePlan().nodes;
if (controlPlane === undefined || worker === undefined) throw new Error('the example plan lacks nodes');

describe('T-4 what a node has of its own in its machine config', () => {
  const taints = [
    { key: 'example.org/gpu', effect: 'NoSchedule' },
    { key: 'example.org/disk', value: 'slow', effect: 'PreferNoSchedule' },
  ] as const;
  const labels = { 'example.org/disk': 'fast' };

  test('nothing, where it has neither labels nor taints', () => {
    expect(nodeFeatures(worker)).toEqual([]);
  });

  test('a control plane is given its taints by Talos', () => {
    expect(nodeFeatures({ ...controlPlane, taints, labels })).toEqual([
      {
        machine: {
          nodeLabels: { 'example.org/disk': 'fast' },
          nodeTaints: { 'example.org/gpu': 'NoSchedule', 'example.org/disk': 'slow:PreferNoSchedule' },
        },
      },
    ]);
  });

  test('a worker registers with them, since it may not change them', () => {
    expect(nodeFeatures({ ...worker, taints })).toEqual([
      { machine: { kubelet: { extraConfig: { registerWithTaints: taints } } } },
    ]);
  });
});
