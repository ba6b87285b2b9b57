import { StatefulSet } from 'kubernetes-models/apps/v1';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { ConfigMap, Service as KubernetesService } from 'kubernetes-models/v1';
import { fromPool, poolOf, POOLS_STAGE, trafficPolicy } from '../../kinds/address-pools';
import { nameServerOf, secretStages, storageStage } from '../../kinds/choices';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { RESTRICTED_CONTAINER, restrictedPod } from '../../kinds/pod';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { imageOf, IMAGES } from '../../versions';

const NAMESPACE = 'powerdns';
const LABELS = { 'app.kubernetes.io/name': 'powerdns' };
/** The image's own user. */
const USER = 953;
/** Unprivileged inside the pod; the services show 53. */
const DNS_PORT = 5353;
const API_PORT = 8081;

const config = (zone: string, records: readonly [string, string][]): Record<string, string> => ({
  'pdns.conf': [
    'launch=lmdb',
    'lmdb-filename=/var/lib/powerdns/zones.lmdb',
    `local-address=0.0.0.0:${DNS_PORT}`,
    // Answers for its own zone and never asks others; whoever asks for all of it is refused
    'disable-axfr=yes',
    'version-string=anonymous',
    'include-dir=/etc/powerdns-api',
    '',
  ].join('\n'),
  // The zone once, these records at every start; what else is in the zone is written through the API, and stays
  'make-zone.sh': [
    'set -eu',
    'in_zone() { pdnsutil --config-dir=/etc/powerdns "$@"; }',
    `in_zone zone list "${zone}" >/dev/null 2>&1 || in_zone zone create "${zone}" "${nameServerOf(zone)}"`,
    ...records.map(([name, address]) => `in_zone rrset replace "${zone}" "${name}" A 300 "${address}"`),
    '',
  ].join('\n'),
});

/** Addresses by name below the zone, `@` itself: at the proxy outside, or where that is not known at the pools. */
const recordsOf = (plan: ClusterPlan): [string, string][] => {
  const { publicAddress } = plan.platform;
  const at = (pool: string): string => (publicAddress ?? poolOf(plan, pool).range.first).toString();
  return [
    ['ns1', at('dns')],
    ['@', at('ingress')],
    ['*', at('ingress')],
  ];
};

/** Authoritative DNS of the cluster's zone, at the address of the dns pool. cert-manager writes its proofs through the API. */
export const service: Service = (plan) => {
  const { domain } = plan.platform;
  if (domain === undefined) return [];
  const metadata = { name: 'powerdns', namespace: NAMESPACE };
  const image = imageOf(IMAGES.powerdns);
  const mounts = [
    { name: 'config', mountPath: '/etc/powerdns', readOnly: true },
    { name: 'zones', mountPath: '/var/lib/powerdns' },
    { name: 'run', mountPath: '/var/run/pdns' },
    // Beside the other, not below: nothing can be mounted inside of a read-only volume
    { name: 'api', mountPath: '/etc/powerdns-api', readOnly: true },
  ];
  return [
    {
      name: 'powerdns',
      needs: [...secretStages(plan), POOLS_STAGE, storageStage(plan)],
      secrets: [{ namespace: NAMESPACE, name: 'powerdns-api', keys: ['api-key', 'api.conf'] }],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(NAMESPACE, {
          from: { world: [DNS_PORT, `udp/${DNS_PORT}`], cluster: [DNS_PORT, `udp/${DNS_PORT}`] },
          fromNamespaces: { 'cert-manager': [API_PORT] },
        }),
        new ConfigMap({ metadata, data: config(domain, recordsOf(plan)) }),
        new StatefulSet({
          metadata: { ...metadata, labels: LABELS },
          spec: {
            serviceName: 'powerdns-api',
            // LMDB has one writer
            replicas: 1,
            selector: { matchLabels: LABELS },
            template: {
              metadata: { labels: LABELS },
              spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                securityContext: restrictedPod(USER),
                initContainers: [
                  {
                    name: 'make-zone',
                    image,
                    command: ['sh', '/etc/powerdns/make-zone.sh'],
                    securityContext: RESTRICTED_CONTAINER,
                    resources: resources('20m', '64Mi', '256Mi'),
                    volumeMounts: mounts,
                  },
                ],
                containers: [
                  {
                    name: 'powerdns',
                    image,
                    command: ['pdns_server'],
                    args: ['--guardian=no', '--daemon=no', '--disable-syslog', '--write-pid=no'],
                    ports: [
                      { name: 'dns', containerPort: DNS_PORT, protocol: 'UDP' },
                      { name: 'dns-tcp', containerPort: DNS_PORT, protocol: 'TCP' },
                      { name: 'api', containerPort: API_PORT, protocol: 'TCP' },
                    ],
                    readinessProbe: { tcpSocket: { port: 'dns-tcp' }, periodSeconds: 5 },
                    livenessProbe: { tcpSocket: { port: 'dns-tcp' }, periodSeconds: 20 },
                    securityContext: RESTRICTED_CONTAINER,
                    resources: resources('20m', '64Mi', '256Mi'),
                    volumeMounts: mounts,
                  },
                ],
                volumes: [
                  { name: 'config', configMap: { name: metadata.name } },
                  // api=yes, api-key=…, webserver-address=0.0.0.0, webserver-port=8081, webserver-allow-from=0.0.0.0/0
                  {
                    name: 'api',
                    secret: { secretName: 'powerdns-api', items: [{ key: 'api.conf', path: 'api.conf' }] },
                  },
                  { name: 'run', emptyDir: {} },
                ],
              },
            },
            volumeClaimTemplates: [
              {
                apiVersion: 'v1',
                kind: 'PersistentVolumeClaim',
                metadata: { name: 'zones' },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            ],
          },
        }),
        new KubernetesService({
          metadata: { name: 'powerdns-api', namespace: NAMESPACE },
          spec: { selector: LABELS, ports: [{ name: 'api', port: API_PORT, targetPort: 'api' }] },
        }),
        new KubernetesService({
          metadata: { ...metadata, ...fromPool(plan, 'dns') },
          spec: {
            type: 'LoadBalancer',
            externalTrafficPolicy: trafficPolicy(plan),
            selector: LABELS,
            ports: [
              { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
              { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 'dns-tcp' },
            ],
          },
        }),
      ],
    },
  ];
};
