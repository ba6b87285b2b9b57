import { CustomKind } from '../../custom-kind';
import { POOLS_STAGE } from '../../kinds/address-pools';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';
import { z } from 'zod';

const NAMESPACE = 'metallb-system';

// Source: metallb/metallb api/v1beta1, of 0.16.1
const IpAddressPool = new CustomKind(
  'metallb.io/v1beta1',
  'IPAddressPool',
  z.strictObject({
    addresses: z.array(z.string().regex(/^[\d.]+-[\d.]+$/)).min(1),
    autoAssign: z.boolean().optional(),
    avoidBuggyIPs: z.boolean().optional(),
  }),
);
const L2Advertisement = new CustomKind(
  'metallb.io/v1beta1',
  'L2Advertisement',
  z.strictObject({ ipAddressPools: z.array(z.string()).min(1) }),
);

/** Gives services of type LoadBalancer the addresses of the spec's pools, and answers ARP for them, where Cilium does not. */
export const service: Service = ({ loadBalancerPools, announcements }) => {
  if (announcements.by !== 'metallb' || loadBalancerPools.length === 0) return [];
  return [
    {
      name: 'metallb',
      needs: [],
      manifests: [
        // The speaker sends ARP from the network of its node
        namespaceOf(NAMESPACE, 'privileged'),
        ...networkPolicies(NAMESPACE, {
          from: { 'kube-apiserver': [9443], 'remote-node': [9443] },
          to: { 'kube-apiserver': [6443] },
        }),
        ...helmRelease(CHARTS.metallb, {
          namespace: NAMESPACE,
          perNode: ['speaker'],
          values: {
            // Layer 2 only: no FRR, in either of its two forms
            frrk8s: { enabled: false },
            speaker: { frr: { enabled: false }, resources: resources('20m', '64Mi', '256Mi') },
            controller: { resources: resources('20m', '64Mi', '256Mi') },
          },
        }),
      ],
    },
    {
      name: POOLS_STAGE,
      needs: ['metallb'],
      manifests: [
        ...loadBalancerPools.map(({ name, range, autoAssign }) =>
          IpAddressPool.of(
            { name, namespace: NAMESPACE },
            { addresses: [`${range.first.toString()}-${range.last.toString()}`], autoAssign },
          ),
        ),
        L2Advertisement.of(
          { name: 'pools', namespace: NAMESPACE },
          { ipAddressPools: loadBalancerPools.map(({ name }) => name) },
        ),
      ],
    },
  ];
};
