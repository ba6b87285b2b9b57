import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { entryOpening, entryStage, hostIn, secretStages, storageStage, webRoute } from '../../kinds/choices';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'monitoring';
const GRAFANA_PORT = 3000;
const ADMIN_SECRET = 'grafana-admin';

/** Talos has these listen on the node itself alone; there is no kube-proxy. Asked in vain, each would be an alert. */
const NOT_ASKED = Object.fromEntries(
  ['kubeControllerManager', 'kubeScheduler', 'kubeEtcd', 'kubeProxy'].map((name) => [name, { enabled: false }]),
);

/** As the chart of Flux labels their pods, which it lets scrape from every namespace. */
const FLUX_CONTROLLERS = ['source', 'kustomize', 'helm', 'notification'].map((name) => `${name}-controller`);

const disk = (size: string) => ({
  volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } } },
});

/** Prometheus, Alertmanager and Grafana. One of each: what they hold is not asked for while a node is away. */
export const service: Service = (plan) => {
  const { applications, domain } = plan.platform;
  if (!applications.includes('monitoring')) return [];
  const opening = domain === undefined ? {} : entryOpening(plan, [GRAFANA_PORT]);
  return [
    {
      name: 'monitoring',
      needs: [storageStage(plan), ...secretStages(plan), ...(domain === undefined ? [] : [entryStage(plan)])],
      secrets: [{ namespace: NAMESPACE, name: ADMIN_SECRET, keys: ['admin-user', 'admin-password'] }],
      manifests: [
        // The node exporter reads the files of its node
        namespaceOf(NAMESPACE, 'privileged'),
        ...networkPolicies(NAMESPACE, {
          ...opening,
          from: { ...opening.from, 'kube-apiserver': [10250], 'remote-node': [10250] },
          // Kubelets and exporters on nodes, and whatever in the cluster shows figures
          to: { 'kube-apiserver': [6443], host: [9100, 10250], 'remote-node': [9100, 10250], cluster: [] },
        }),
        ...helmRelease(CHARTS.kubePrometheusStack, {
          namespace: NAMESPACE,
          perNode: ['prometheus-node-exporter'],
          values: {
            ...NOT_ASKED,
            prometheus: {
              prometheusSpec: {
                retention: '10d',
                retentionSize: '15GB',
                storageSpec: disk('20Gi'),
                resources: resources('200m', '512Mi', '2Gi'),
                // Targets of all namespaces, not of this chart alone
                serviceMonitorSelectorNilUsesHelmValues: false,
                podMonitorSelectorNilUsesHelmValues: false,
                ruleSelectorNilUsesHelmValues: false,
              },
            },
            alertmanager: {
              alertmanagerSpec: { storage: disk('1Gi'), resources: resources('10m', '64Mi', '256Mi') },
            },
            prometheusOperator: {
              resources: resources('20m', '64Mi', '256Mi'),
              prometheusConfigReloader: { resources: resources('5m', '32Mi', '64Mi') },
            },
            'kube-state-metrics': { resources: resources('10m', '64Mi', '256Mi') },
            'prometheus-node-exporter': { resources: resources('10m', '32Mi', '64Mi') },
            grafana: {
              admin: { existingSecret: ADMIN_SECRET, userKey: 'admin-user', passwordKey: 'admin-password' },
              resources: resources('50m', '128Mi', '512Mi'),
              sidecar: { resources: resources('5m', '64Mi', '128Mi') },
              ...(domain !== undefined && {
                'grafana.ini': { server: { root_url: `https://${hostIn(plan, 'grafana')}` } },
              }),
            },
          },
        }),
        ...(domain === undefined
          ? []
          : webRoute(plan, {
              name: 'grafana',
              namespace: NAMESPACE,
              host: hostIn(plan, 'grafana'),
              service: `${CHARTS.kubePrometheusStack.chart}-grafana`,
              port: 80,
            })),
      ],
    },
    {
      name: 'monitoring-targets',
      needs: ['monitoring'],
      manifests: [
        new PodMonitor({
          metadata: { name: 'flux', namespace: NAMESPACE },
          spec: {
            namespaceSelector: { matchNames: ['flux-system'] },
            selector: { matchExpressions: [{ key: 'app', operator: 'In', values: FLUX_CONTROLLERS }] },
            podMetricsEndpoints: [{ port: 'http-prom' }],
          },
        }),
      ],
    },
  ];
};
