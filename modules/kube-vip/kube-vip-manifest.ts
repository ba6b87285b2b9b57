import { stringify } from 'yaml';
import type { ClusterPlan } from '../model/cluster-plan';

const NAME = 'kube-vip';
const NAMESPACE = 'kube-system';
/** The lease that the holder of the VIP renews. kube-vip's own default name. */
const LEASE = 'plndr-cp-lock';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const RBAC = 'rbac.authorization.k8s.io';

const metadata = { name: NAME, namespace: NAMESPACE } as const;

/** kube-vip's settings, by the names that v0.9.2 reads (pkg/kubevip/config_envvar.go). */
const environment = (plan: ClusterPlan): Record<string, string> => ({
  // The API server of the pod's own node, never KubePrism: a node whose API server is dead must lose the lease,
  // and with it the VIP. rest.InClusterConfig of client-go takes both from the environment.
  KUBERNETES_SERVICE_HOST: '127.0.0.1',
  KUBERNETES_SERVICE_PORT: '6443',
  address: plan.endpoint.vip.toString(),
  port: String(plan.endpoint.port),
  vip_interface: 'eth0',
  vip_subnet: '32',
  vip_arp: 'true',
  cp_enable: 'true',
  cp_namespace: NAMESPACE,
  // Addresses of services are announced by MetalLB or Cilium, and by one of them only.
  svc_enable: 'false',
  vip_leaderelection: 'true',
  vip_leasename: LEASE,
  // Seconds, kube-vip's defaults: a dead holder is followed after at most duration + retry period.
  vip_leaseduration: '5',
  vip_renewdeadline: '3',
  vip_retryperiod: '1',
});

const daemonSet = (plan: ClusterPlan): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata,
  spec: {
    selector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': NAME } },
      spec: {
        serviceAccountName: NAME,
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        // The VIP is needed before the nodes are Ready: Cilium is installed through it.
        tolerations: [{ operator: 'Exists' }],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: CONTROL_PLANE, operator: 'Exists' }] }],
            },
          },
        },
        containers: [
          {
            name: NAME,
            image: `ghcr.io/kube-vip/kube-vip:v${plan.versions.kubeVip}`,
            imagePullPolicy: 'IfNotPresent',
            args: ['manager'],
            env: [
              ...Object.entries(environment(plan)).map(([name, value]) => ({ name, value })),
              { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ],
            securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
          },
        ],
      },
    },
  },
});

/** kube-vip's objects, in the order in which they are made. */
export const kubeVipObjects = (plan: ClusterPlan): readonly object[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata,
    // All that kube-vip asks for with services off (pkg/cluster/clusterLeaderElection.go). A `create` can't be
    // limited by name: the API server does not know the name yet.
    rules: [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [LEASE], verbs: ['get', 'update'] },
    ],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
  },
  daemonSet(plan),
];

/**
 * kube-vip's objects as YAML documents, for `cluster.inlineManifests` (docs/adr/0005). Talos creates what is missing
 * and never changes what is there: another text reaches a running cluster by server-side apply only.
 */
export const kubeVipManifest = (plan: ClusterPlan): string =>
  kubeVipObjects(plan)
    .map((object) => stringify(object, { lineWidth: 0 }))
    .join('---\n');
