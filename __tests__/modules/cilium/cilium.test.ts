import { parse } from 'yaml';
import { blockAt, synthesized } from '../../stacks/synthesized';
import { examplePlan } from '../../setup/example-plan';

describe('T-15 Cilium', () => {
  const release = blockAt(synthesized(examplePlan()), 'helm_release.cilium');

  test('is a pinned release of its own repository, for whose pods the gate on the nodes waits', () => {
    expect({ ...release, values: undefined }).toEqual({
      name: 'cilium',
      namespace: 'kube-system',
      repository: 'https://helm.cilium.io/',
      chart: 'cilium',
      version: '1.19.6',
      wait: false,
      depends_on: ['null_resource.api_wait'],
      values: undefined,
    });
  });

  test('has the values that Talos needs', () => {
    const [values = ''] = release['values'] as string[];
    expect(parse(values)).toEqual({
      ipam: { mode: 'kubernetes' },
      kubeProxyReplacement: true,
      k8sServiceHost: 'localhost',
      k8sServicePort: 7445,
      securityContext: {
        capabilities: {
          ciliumAgent: [
            'CHOWN',
            'KILL',
            'NET_ADMIN',
            'NET_RAW',
            'IPC_LOCK',
            'SYS_ADMIN',
            'SYS_RESOURCE',
            'DAC_OVERRIDE',
            'FOWNER',
            'SETGID',
            'SETUID',
          ],
          cleanCiliumState: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_RESOURCE'],
        },
      },
      cgroup: { autoMount: { enabled: false }, hostRoot: '/sys/fs/cgroup' },
      bpf: { hostLegacyRouting: true },
      nodePort: { bindProtection: true },
      gatewayAPI: { enabled: true },
      hubble: { enabled: true, relay: { enabled: true } },
      operator: { replicas: 2 },
    });
  });

  test('a single node has a single operator', () => {
    const plan = examplePlan({ nodes: examplePlan().nodes.slice(0, 1) });
    const [values = ''] = blockAt(synthesized(plan), 'helm_release.cilium')['values'] as string[];
    expect(parse(values)).toMatchObject({ operator: { replicas: 1 } });
  });
});
