import { helmRelease } from '../../kinds/helm';
import { networkPolicies } from '../../kinds/network-policies';
import { namespaceOf } from '../../kinds/namespace';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'tofu-system';

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
              toNamespaces: { 'flux-system': [9090, 80], vault: [8200], authentik: [9000] },
            }),
            ...helmRelease(CHARTS.tofuController, {
              namespace: NAMESPACE,
              values: {
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
