import { parse } from 'yaml';
import { ciliumValues } from '../../../modules/cilium/cilium-values';
import { Ipv4 } from '../../../modules/model/addresses';
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
      k8s: { requireIPv4PodCIDR: true },
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
      defaultLBServiceIPAM: 'none',
      hubble: { enabled: true, relay: { enabled: true, rollOutPods: true } },
      rollOutCiliumPods: true,
      envoy: { rollOutPods: true },
      operator: { replicas: 2, rollOutPods: true },
    });
  });

  test('a single node has a single operator', () => {
    expect(ciliumValues(examplePlan({ nodes: examplePlan().nodes.slice(0, 1) }))).toMatchObject({
      operator: { replicas: 1 },
    });
  });

  test('blocks of pods by its own operator, by choice', () => {
    const values = ciliumValues(examplePlan({ cilium: { ipam: 'cluster-pool' } }));
    expect(values).toMatchObject({
      ipam: {
        mode: 'cluster-pool',
        operator: { clusterPoolIPv4PodCIDRList: ['10.244.0.0/16'], clusterPoolIPv4MaskSize: 24 },
      },
    });
    expect(values).not.toHaveProperty('k8s');
  });

  test('announces addresses by ARP, with requests to the API for a lease of each of the 19 addresses', () => {
    const values = ciliumValues(examplePlan({ announcements: { by: 'cilium-l2', peers: [] } }));
    expect(values).toMatchObject({ l2announcements: { enabled: true }, k8sClientRateLimit: { qps: 14, burst: 28 } });
    expect(values).not.toHaveProperty('defaultLBServiceIPAM');
  });

  test('announces addresses by BGP', () => {
    const peers = [{ address: Ipv4.parse('10.0.0.1'), asn: 64500 }];
    const values = ciliumValues(examplePlan({ announcements: { by: 'cilium-bgp', localAsn: 64512, peers } }));
    expect(values).toMatchObject({ bgpControlPlane: { enabled: true } });
    expect(values).not.toHaveProperty('l2announcements');
    expect(values).not.toHaveProperty('defaultLBServiceIPAM');
  });

  test.each([
    ['cilium', 'outside', { enabled: true }],
    ['cilium', 'cluster', { enabled: true, enableProxyProtocol: true }],
    ['ingress-nginx', 'cluster', { enabled: false }],
  ] as const)('T-20 its gateway, where the choice is %s and TLS ends %s', (gateway, tlsEnd, expected) => {
    const { platform } = examplePlan();
    expect(ciliumValues(examplePlan({ platform: { ...platform, gateway, tlsEnd } }))).toHaveProperty(
      'gatewayAPI',
      expected,
    );
  });
});
