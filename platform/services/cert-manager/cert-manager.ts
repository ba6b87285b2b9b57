import { Certificate, ClusterIssuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1';
import { entryNamespace, entryStage, WILDCARD_SECRET } from '../../kinds/choices';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'cert-manager';
/** Group of the webhook's API: the name under which issuers find it. */
const GROUP_NAME = 'acme.groundwork';
const WEBHOOK = { 'app.kubernetes.io/name': 'webhook', 'app.kubernetes.io/instance': 'cert-manager' };
const WEBHOOK_PDNS = { 'app.kubernetes.io/name': 'cert-manager-webhook-pdns' };

/** Certificates: Let's Encrypt, proven by DNS-01 in the cluster's own PowerDNS, as a wildcard has no other proof. */
export const service: Service = (plan) => {
  const { domain } = plan.platform;
  if (domain === undefined) return [];
  const apiKey = { name: 'powerdns-api', key: 'api-key' };
  return [
    {
      name: 'cert-manager',
      needs: [],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          from: { 'kube-apiserver': [10250, 443], 'remote-node': [10250, 443] },
          toNamespaces: { powerdns: [8081] },
          // Let's Encrypt, and the DNS servers that the proof is looked up at
          to: { 'kube-apiserver': [6443], world: [443, 53, 'udp/53'] },
        }),
        ...helmRelease(CHARTS.certManager, {
          namespace: NAMESPACE,
          values: {
            crds: { enabled: true },
            replicaCount: replicasOf(plan),
            affinity: spread({ 'app.kubernetes.io/name': 'cert-manager' }),
            resources: resources('20m', '64Mi', '256Mi'),
            webhook: {
              replicaCount: replicasOf(plan),
              affinity: spread(WEBHOOK),
              resources: resources('10m', '32Mi', '128Mi'),
            },
            cainjector: { replicaCount: 1, resources: resources('20m', '128Mi', '512Mi') },
            // The zone is answered for in the cluster: what the node's resolver has cached says nothing of it
            extraArgs: ['--dns01-recursive-nameservers-only'],
          },
        }),
        ...disruptionBudget(plan, { name: 'cert-manager-webhook', namespace: NAMESPACE }, WEBHOOK),
      ],
    },
    {
      name: 'cert-manager-powerdns',
      needs: ['cert-manager', 'powerdns'],
      manifests: [
        ...helmRelease(CHARTS.certManagerWebhookPdns, {
          namespace: NAMESPACE,
          values: {
            groupName: GROUP_NAME,
            replicaCount: replicasOf(plan),
            affinity: spread(WEBHOOK_PDNS),
            resources: resources('10m', '32Mi', '128Mi'),
            podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containerSecurityContext: {
              runAsUser: 100,
              runAsGroup: 100,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        }),
        ...disruptionBudget(plan, { name: 'cert-manager-webhook-pdns', namespace: NAMESPACE }, WEBHOOK_PDNS),
      ],
      secrets: [{ namespace: NAMESPACE, name: apiKey.name, keys: [apiKey.key] }],
    },
    {
      name: 'certificates',
      needs: ['cert-manager-powerdns', entryStage(plan)],
      // Let's Encrypt answers when the zone is delegated: that is outside the cluster, and nothing inside waits for it
      ready: 'applied',
      manifests: [
        new ClusterIssuer({
          metadata: { name: 'letsencrypt' },
          spec: {
            acme: {
              server: 'https://acme-v02.api.letsencrypt.org/directory',
              privateKeySecretRef: { name: 'letsencrypt-account' },
              solvers: [
                {
                  dns01: {
                    webhook: {
                      groupName: GROUP_NAME,
                      solverName: 'pdns',
                      config: {
                        host: 'http://powerdns-api.powerdns.svc.cluster.local:8081',
                        apiKeySecretRef: apiKey,
                        ttl: 60,
                      },
                    },
                  },
                },
              ],
            },
          },
        }),
        new Certificate({
          metadata: { name: 'wildcard', namespace: entryNamespace(plan) },
          spec: {
            secretName: WILDCARD_SECRET,
            dnsNames: [domain, `*.${domain}`],
            issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt' },
            privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
          },
        }),
      ],
    },
  ];
};
