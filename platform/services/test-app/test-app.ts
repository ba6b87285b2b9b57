import { Deployment } from 'kubernetes-models/apps/v1';
import { Service as KubernetesService } from 'kubernetes-models/v1';
import { entryOpening, entryStage, hostIn, webRoute } from '../../kinds/choices';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { RESTRICTED_CONTAINER, restrictedPod } from '../../kinds/pod';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { imageOf, IMAGES } from '../../versions';

const NAMESPACE = 'test-app';
const LABELS = { 'app.kubernetes.io/name': 'test-app' };
const PORT = 8080;

/** Says what it was asked, and by whom: shows that a request finds its way from outside. */
export const service: Service = (plan) => {
  if (plan.platform.domain === undefined) return [];
  const metadata = { name: 'test-app', namespace: NAMESPACE };
  return [
    {
      name: 'test-app',
      needs: [entryStage(plan)],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, entryOpening(plan, [PORT])),
        new Deployment({
          metadata: { ...metadata, labels: LABELS },
          spec: {
            replicas: replicasOf(plan),
            selector: { matchLabels: LABELS },
            template: {
              metadata: { labels: LABELS },
              spec: {
                automountServiceAccountToken: false,
                affinity: spread(LABELS),
                securityContext: restrictedPod(65532),
                containers: [
                  {
                    name: 'whoami',
                    image: imageOf(IMAGES.whoami),
                    args: [`--port=${PORT}`],
                    ports: [{ name: 'http', containerPort: PORT }],
                    readinessProbe: { httpGet: { path: '/health', port: 'http' } },
                    securityContext: RESTRICTED_CONTAINER,
                    resources: resources('10m', '16Mi', '64Mi'),
                  },
                ],
              },
            },
          },
        }),
        new KubernetesService({
          metadata,
          spec: { selector: LABELS, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
        }),
        ...webRoute(plan, { ...metadata, host: hostIn(plan, 'test'), service: metadata.name, port: 80 }),
        ...disruptionBudget(plan, metadata, LABELS),
      ],
    },
  ];
};
