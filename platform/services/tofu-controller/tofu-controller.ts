import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { helmRelease } from '../../kinds/helm';
import { networkPolicies } from '../../kinds/network-policies';
import { namespaceOf } from '../../kinds/namespace';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { RUNNER_NAMESPACE as NAMESPACE } from '../../terraform/stack';
import { CHARTS } from '../../versions';

/** Ports at which source-controller serves what it fetched, and notification-controller takes events. */
const [SOURCE_PORT, EVENTS_PORT] = [9090, 9292] as const;

/** The chart of Flux lets in its own namespace alone: without this no runner gets its Terraform. */
const intoFlux = new NetworkPolicy({
  metadata: { name: 'from-tofu-system', namespace: 'flux-system' },
  spec: {
    podSelector: { matchLabels: { app: 'source-controller' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } } }],
        ports: [{ port: SOURCE_PORT, protocol: 'TCP' }],
      },
    ],
  },
});

/** Applies Terraform that lies in the repository: what is set up inside Authentik and Vault. */
export const service: Service = ({ platform }) =>
  platform.applications.includes('vault') || platform.applications.includes('authentik')
    ? [
        {
          name: 'tofu-controller',
          needs: [],
          manifests: [
            namespaceOf(NAMESPACE, 'restricted'),
            ...networkPolicies(NAMESPACE, {
              to: { 'kube-apiserver': [6443], world: [443] },
              toNamespaces: {
                'flux-system': [SOURCE_PORT, EVENTS_PORT],
                vault: [8200],
                authentik: [9000],
                harbor: [8080],
              },
            }),
            intoFlux,
            ...helmRelease(CHARTS.tofuController, {
              namespace: NAMESPACE,
              values: {
                // The repository is in Flux' namespace, and what is run for it shall not be
                allowCrossNamespaceRefs: true,
                // One: a second one would only wait for the lock
                replicaCount: 1,
                resources: resources('100m', '64Mi', '1Gi'),
                runner: { serviceAccount: { allowedNamespaces: [NAMESPACE] } },
                // Modules for AWS, which nothing here is
                awsPackage: { install: false },
              },
            }),
          ],
        },
      ]
    : [];
