import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kwokProcess, kwokStages } from '../../../lab/kubelet/kwok';

interface Stage {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: { readonly matchExpressions: readonly { readonly key: string; readonly operator: string }[] };
  };
}

describe('what kwok plays', () => {
  const stages = kwokStages(['ghcr.io/kube-vip/kube-vip']) as Stage[];

  test('the life of pods, and nothing of nodes', () => {
    expect(stages.map(({ metadata }) => metadata.name)).toEqual([
      'pod-ready',
      'pod-complete',
      'pod-delete',
      'node-never',
    ]);
  });

  test('every stage of pods leaves mirror pods and our own images alone', () => {
    for (const { spec } of stages.slice(0, 3)) {
      expect(spec.selector.matchExpressions.slice(0, 2)).toEqual([
        { key: '.metadata.annotations["kubernetes.io/config.mirror"]', operator: 'DoesNotExist' },
        {
          key: '[.spec.containers[].image | test("^ghcr[.]io/kube-vip/kube-vip([:@]|$)")] | any',
          operator: 'NotIn',
          values: ['true'],
        },
      ]);
    }
  });

  test('the process manages one node and keeps no lease; its configuration is not for others to read', () => {
    const path = mkdtempSync(join(tmpdir(), 'groundwork-kwok-'));
    const common = {
      binary: '/bin/kwok',
      nodeName: 'worker0',
      nodeAddress: '10.0.2.1',
      kubeconfig: '/k',
      logPath: '/l',
    };
    const { args } = kwokProcess({ ...common, path, ownImages: [] });
    expect(args).toEqual([
      `--config=${path}/kwok.yaml`,
      '--kubeconfig=/k',
      '--manage-single-node=worker0',
      '--node-ip=10.0.2.1',
      '--node-lease-duration-seconds=0',
    ]);
    expect(parseAllDocuments(readFileSync(join(path, 'kwok.yaml'), 'utf8'))).toHaveLength(4);
    expect(statSync(join(path, 'kwok.yaml')).mode & 0o777).toBe(0o600);
    rmSync(path, { recursive: true });
  });
});
