import { fromPool, POOLS_STAGE, trafficPolicy } from '../../kinds/address-pools';
import { WILDCARD_SECRET } from '../../kinds/choices';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'ingress-nginx';
const LABELS = { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' };

/**
 * HTTP comes in by NGINX. A choice for those who come from there: the project was retired in March 2026, and mends nothing since,
 * security included.
 */
export const service: Service = (plan) => {
  const { gateway, domain, tlsEnd } = plan.platform;
  if (gateway !== 'ingress-nginx') return [];
  return [
    {
      name: 'ingress-nginx',
      needs: [POOLS_STAGE],
      manifests: [
        namespaceOf(NAMESPACE, 'baseline'),
        ...networkPolicies(NAMESPACE, {
          from: {
            world: [80, 443],
            cluster: [80, 443],
            'kube-apiserver': [8443],
            'remote-node': [8443],
          },
          to: { 'kube-apiserver': [6443], cluster: [] },
        }),
        ...helmRelease(CHARTS.ingressNginx, {
          namespace: NAMESPACE,
          values: {
            controller: {
              replicaCount: replicasOf(plan),
              // The budget of its pods is the chart's own, from two replicas on: a second one would forbid every drain
              minAvailable: 1,
              affinity: spread(LABELS),
              resources: resources('100m', '128Mi', '512Mi'),
              ingressClassResource: { default: true },
              service: { ...fromPool(plan, 'ingress'), externalTrafficPolicy: trafficPolicy(plan) },
              config: {
                // Whoever may make an Ingress shall not write configuration (CVE-2025-1974 and its kin)
                'allow-snippet-annotations': 'false',
                'use-proxy-protocol': String(tlsEnd === 'cluster'),
              },
              ...(domain !== undefined && {
                extraArgs: { 'default-ssl-certificate': `${NAMESPACE}/${WILDCARD_SECRET}` },
              }),
            },
          },
        }),
      ],
    },
  ];
};
