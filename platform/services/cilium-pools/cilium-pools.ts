import { z } from 'zod';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { CustomKind } from '../../custom-kind';
import { POOL_LABEL, POOLS_STAGE } from '../../kinds/address-pools';
import type { Manifest, Service } from '../../stage';

// Source: cilium/cilium 1.19, pkg/k8s/apis/cilium.io/client/crds
const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
const named = z.strictObject({ name: z.string() });
const LoadBalancerPool = new CustomKind(
  'cilium.io/v2',
  'CiliumLoadBalancerIPPool',
  z.strictObject({
    blocks: z.array(z.strictObject({ start: z.string(), stop: z.string() })).min(1),
    serviceSelector: selector.optional(),
  }),
);
const L2Policy = new CustomKind(
  'cilium.io/v2alpha1',
  'CiliumL2AnnouncementPolicy',
  z.strictObject({ loadBalancerIPs: z.boolean(), nodeSelector: selector.optional() }),
);
const BgpCluster = new CustomKind(
  'cilium.io/v2',
  'CiliumBGPClusterConfig',
  z.strictObject({
    bgpInstances: z.array(
      z.strictObject({
        name: z.string(),
        localASN: z.number(),
        peers: z.array(
          z.strictObject({ name: z.string(), peerASN: z.number(), peerAddress: z.string(), peerConfigRef: named }),
        ),
      }),
    ),
  }),
);
const BgpPeers = new CustomKind(
  'cilium.io/v2',
  'CiliumBGPPeerConfig',
  z.strictObject({
    families: z.array(z.strictObject({ afi: z.literal('ipv4'), safi: z.literal('unicast'), advertisements: selector })),
  }),
);
const BgpAdvertisement = new CustomKind(
  'cilium.io/v2',
  'CiliumBGPAdvertisement',
  z.strictObject({
    advertisements: z.array(
      z.strictObject({
        advertisementType: z.literal('Service'),
        service: z.strictObject({ addresses: z.array(z.literal('LoadBalancerIP')) }),
        selector,
      }),
    ),
  }),
);

/** A pool for those who name it; one that is handed out unasked is for all who name no other. */
const pools = ({ loadBalancerPools }: ClusterPlan): Manifest[] =>
  loadBalancerPools.map(({ name, range, autoAssign }) => {
    const others = loadBalancerPools.filter((pool) => pool.name !== name).map((pool) => pool.name);
    const unlessOther = { matchExpressions: [{ key: POOL_LABEL, operator: 'NotIn' as const, values: others }] };
    const blocks = [{ start: range.first.toString(), stop: range.last.toString() }];
    if (autoAssign && others.length === 0) return LoadBalancerPool.of({ name }, { blocks });
    const serviceSelector = autoAssign ? unlessOther : { matchLabels: { [POOL_LABEL]: name } };
    return LoadBalancerPool.of({ name }, { blocks, serviceSelector });
  });

/** Answers ARP on nodes that run pods, as MetalLB does: it leaves control planes out where there are workers. */
const byArp = ({ schedulableControlPlanes }: ClusterPlan): Manifest =>
  L2Policy.of(
    { name: 'pools' },
    {
      loadBalancerIPs: true,
      ...(!schedulableControlPlanes && {
        nodeSelector: {
          matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'DoesNotExist' }],
        },
      }),
    },
  );

/** Every node tells every router of every service. */
const byBgp = ({ announcements: { localAsn = 0, peers } }: ClusterPlan): Manifest[] => {
  const advertise = { 'groundwork/advertise': 'pools' };
  return [
    BgpCluster.of(
      { name: 'pools' },
      {
        bgpInstances: [
          {
            name: 'cluster',
            localASN: localAsn,
            peers: peers.map(({ address, asn }) => ({
              name: address.toString(),
              peerASN: asn,
              peerAddress: address.toString(),
              peerConfigRef: { name: 'routers' },
            })),
          },
        ],
      },
    ),
    BgpPeers.of(
      { name: 'routers' },
      { families: [{ afi: 'ipv4', safi: 'unicast', advertisements: { matchLabels: advertise } }] },
    ),
    BgpAdvertisement.of(
      { name: 'pools', labels: advertise },
      {
        advertisements: [
          {
            advertisementType: 'Service',
            service: { addresses: ['LoadBalancerIP'] },
            // All of them: a selector must be there, and an empty one selects none
            selector: { matchExpressions: [{ key: POOL_LABEL, operator: 'NotIn', values: ['none'] }] },
          },
        ],
      },
    ),
  ];
};

/** The pools of the spec where Cilium hands out their addresses and announces them: nothing is installed, as Cilium is there. */
export const service: Service = (plan) => {
  const { announcements, loadBalancerPools } = plan;
  if (announcements.by === 'metallb' || loadBalancerPools.length === 0) return [];
  return [
    {
      name: POOLS_STAGE,
      needs: [],
      manifests: [...pools(plan), ...(announcements.by === 'cilium-l2' ? [byArp(plan)] : byBgp(plan))],
    },
  ];
};
