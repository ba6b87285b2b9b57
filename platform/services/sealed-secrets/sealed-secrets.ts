import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS, IMAGES } from '../../versions';

const NAMESPACE = 'sealed-secrets';

/** Opens what is committed sealed, where that is the choice. Its key pair is put in place before Flux, so that a rebuilt cluster can open it, too. */
export const service: Service = ({ platform }) => {
  if (platform.secrets !== 'sealed-secrets') return [];
  return [
    {
      name: 'sealed-secrets',
      needs: [],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          // `kubeseal` asks for the certificate through the API server
          from: { 'kube-apiserver': [8080], 'remote-node': [8080] },
          to: { 'kube-apiserver': [6443] },
        }),
        ...helmRelease(CHARTS.sealedSecrets, {
          namespace: NAMESPACE,
          values: {
            // The name that kubeseal looks for
            fullnameOverride: 'sealed-secrets-controller',
            image: {
              registry: 'docker.io',
              repository: IMAGES.sealedSecretsController.repository.replace('docker.io/', ''),
              tag: IMAGES.sealedSecretsController.tag,
            },
            resources: resources('20m', '64Mi', '256Mi'),
            // What the chart leaves out, and the standard `restricted` refuses a pod without
            podSecurityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containerSecurityContext: { allowPrivilegeEscalation: false },
          },
        }),
      ],
    },
  ];
};
