import { GitRepository } from '@kubernetes-models/flux-cd/source.toolkit.fluxcd.io/v1';
import { Kustomization } from '@kubernetes-models/flux-cd/kustomize.toolkit.fluxcd.io/v1';
import { Gateway, GatewayClass } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import { fromPool, POOLS_STAGE } from '../../kinds/address-pools';
import { GATEWAY, WILDCARD_SECRET } from '../../kinds/choices';
import { namespaceOf } from '../../kinds/namespace';
import type { Service } from '../../stage';
import { GIT } from '../../versions';

/** Not `cilium`: that one the chart of Cilium makes where it finds the kinds, and Helm refuses what somebody else made. */
const CLASS = 'groundwork';

/** HTTP comes in by the Gateway API, which Cilium serves on every node, at the address of the ingress pool. */
export const service: Service = (plan) => {
  const { gateway, domain } = plan.platform;
  if (gateway !== 'cilium') return [];
  const crds = { name: 'gateway-api', namespace: 'flux-system' };
  const allowedRoutes = { namespaces: { from: 'All' as const } };
  return [
    {
      name: 'gateway-api-crds',
      needs: [],
      manifests: [
        new GitRepository({
          metadata: crds,
          spec: { url: GIT.gatewayApi.repository, ref: { tag: GIT.gatewayApi.tag }, interval: '1h' },
        }),
        new Kustomization({
          metadata: crds,
          spec: {
            sourceRef: { kind: 'GitRepository', name: crds.name },
            path: GIT.gatewayApi.path,
            interval: '1h',
            // Kinds that go take every object of theirs along
            prune: false,
            wait: true,
          },
        }),
      ],
    },
    {
      name: 'gateway',
      needs: ['gateway-api-crds', POOLS_STAGE],
      // The listener for HTTPS is not programmed before there is a certificate, which comes later
      ready: 'applied',
      manifests: [
        namespaceOf(GATEWAY.namespace, 'restricted'),
        new GatewayClass({ metadata: { name: CLASS }, spec: { controllerName: 'io.cilium/gateway-controller' } }),
        new Gateway({
          metadata: GATEWAY,
          spec: {
            gatewayClassName: CLASS,
            infrastructure: fromPool(plan, 'ingress'),
            listeners: [
              { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes },
              ...(domain === undefined
                ? []
                : [
                    {
                      name: 'https',
                      protocol: 'HTTPS',
                      port: 443,
                      hostname: `*.${domain}`,
                      tls: { mode: 'Terminate' as const, certificateRefs: [{ name: WILDCARD_SECRET }] },
                      allowedRoutes,
                    },
                  ]),
            ],
          },
        }),
      ],
    },
  ];
};
