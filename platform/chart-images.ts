import { CHARTS } from './versions';

/** Images that a chart brings in by its own defaults, with our values. */
export interface ChartImages {
  /** Version of the chart that was read, by `helm template`; where it is not the one in versions.ts, tags may differ. */
  readonly read: string;
  readonly images: readonly string[];
}

const csi = (name: string, tag: string): string => `registry.k8s.io/sig-storage/${name}:${tag}`;

/**
 * Not asked of the charts at each run: that would need them, and helm. An image that a manifest of ours names is not here.
 * The part of kube-prometheus-stack that is Grafana could not be read.
 */
export const CHART_IMAGES: Readonly<Record<keyof typeof CHARTS, ChartImages>> = {
  metallb: { read: '0.16.1', images: ['quay.io/metallb/controller:v0.16.1', 'quay.io/metallb/speaker:v0.16.1'] },
  // Its one image is given in the values
  sealedSecrets: { read: '2.18.5', images: [] },
  certManager: {
    read: 'v1.21.1',
    images: ['cainjector', 'controller', 'startupapicheck', 'webhook'].map(
      (part) => `quay.io/jetstack/cert-manager-${part}:${CHARTS.certManager.version}`,
    ),
  },
  certManagerWebhookPdns: { read: '3.2.5', images: ['docker.io/zachomedia/cert-manager-webhook-pdns:v2.5.5'] },
  ingressNginx: {
    read: '4.15.1',
    images: [
      'registry.k8s.io/ingress-nginx/controller:v1.15.1',
      'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9',
    ],
  },
  externalSecrets: {
    read: '2.9.0',
    images: [`ghcr.io/external-secrets/external-secrets:v${CHARTS.externalSecrets.version}`],
  },
  proxmoxCsi: {
    read: '0.5.9',
    images: [
      'ghcr.io/sergelogvinov/proxmox-csi-controller:v0.19.1',
      'ghcr.io/sergelogvinov/proxmox-csi-node:v0.19.1',
      csi('csi-attacher', 'v4.10.0'),
      csi('csi-node-driver-registrar', 'v2.15.0'),
      csi('csi-provisioner', 'v5.3.0'),
      csi('csi-resizer', 'v1.14.0'),
      csi('livenessprobe', 'v2.16.0'),
    ],
  },
  cloudnativePg: { read: '0.29.0', images: ['ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0'] },
  tofuController: {
    read: '0.16.5',
    images: ['ghcr.io/flux-iac/tofu-controller:v0.16.5', 'ghcr.io/flux-iac/tf-runner:v0.16.5'],
  },
  kubePrometheusStack: {
    read: '88.5.3',
    images: [
      'ghcr.io/jkroepke/kube-webhook-certgen:1.8.7',
      'quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1',
      'quay.io/prometheus-operator/prometheus-operator:v0.93.1',
      'quay.io/prometheus/alertmanager:v0.34.0',
      'quay.io/prometheus/node-exporter:v1.12.1-distroless',
      'quay.io/prometheus/prometheus:v3.14.0-distroless',
      'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0',
    ],
  },
  vault: { read: '0.34.1', images: ['docker.io/hashicorp/vault:2.0.4'] },
  authentik: { read: '2026.8.0', images: ['ghcr.io/goauthentik/server:2026.8.0'] },
  harbor: {
    read: '1.19.1',
    images: [
      'harbor-core',
      'harbor-jobservice',
      'harbor-portal',
      'harbor-registryctl',
      'nginx-photon',
      'redis-photon',
      'registry-photon',
    ].map((name) => `docker.io/goharbor/${name}:v2.15.1`),
  },
  gitea: { read: '12.6.0', images: ['docker.gitea.com/gitea:1.27.0-rootless'] },
  matrix: {
    read: '26.8.1',
    images: [
      'docker.io/library/haproxy:3.2-alpine',
      'ghcr.io/element-hq/ess-helm/matrix-tools:0.8.1',
      'ghcr.io/element-hq/matrix-authentication-service:1.23.0',
      'oci.element.io/element-web:v1.12.26',
      'oci.element.io/synapse:v1.159.0',
    ],
  },
};

/** Images of a chart by its name: none where a chart is not of ours. */
export const imagesOfChart = (name: string): readonly string[] => {
  const key = (Object.keys(CHARTS) as (keyof typeof CHARTS)[]).find((candidate) => CHARTS[candidate].chart === name);
  return key === undefined ? [] : CHART_IMAGES[key].images;
};
