import { parse } from 'yaml';
import { blockAt, synthesized } from '../../stacks/synthesized';
import { examplePlan } from '../../setup/example-plan';

const CHARTS = 'https://fluxcd-community.github.io/helm-charts';
const NAMESPACE = '${kubernetes_namespace.flux_namespace.metadata[0].name}';

describe('T-16 Flux', () => {
  const json = synthesized(examplePlan());

  test('has a namespace that says what its pods may do', () => {
    expect(blockAt(json, 'kubernetes_namespace.flux_namespace')['metadata']).toEqual({
      name: 'flux-system',
      labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
    });
  });

  test('controllers come first, and are waited for', () => {
    expect(blockAt(json, 'helm_release.flux_controllers')).toEqual({
      name: 'flux2',
      namespace: NAMESPACE,
      repository: CHARTS,
      chart: 'flux2',
      version: '2.18.3',
      wait: true,
      timeout: 600,
      depends_on: ['null_resource.ready_wait'],
    });
  });

  test('follows the repository of the plan', () => {
    const { values, ...release } = blockAt(json, 'helm_release.flux_sync');
    expect(release).toEqual({
      name: 'flux-system',
      namespace: NAMESPACE,
      repository: CHARTS,
      chart: 'flux2-sync',
      version: '1.14.5',
      wait: false,
      depends_on: ['helm_release.flux_controllers'],
    });
    expect((values as string[]).map((text): unknown => parse(text))).toEqual([
      {
        gitRepository: {
          spec: { url: 'https://git.example/infrastructure.git', ref: { branch: 'main' }, interval: '1m' },
        },
        kustomization: { spec: { path: './platform/infrastructure', interval: '10m', prune: true } },
      },
    ]);
  });
});
