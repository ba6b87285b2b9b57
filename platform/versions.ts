/** A Helm chart: which, from where, and exactly which version. */
export interface ChartVersion {
  readonly chart: string;
  /** `https://…` of an HTTP chart repository, or `oci://…` of the folder that the chart is in. */
  readonly repository: string;
  readonly version: string;
}

/** A container image of manifests of our own. */
export interface ImageVersion {
  /** With the registry's host. */
  readonly repository: string;
  readonly tag: string;
}

/** A folder of a Git repository, applied as it is. */
export interface GitVersion {
  readonly repository: string;
  readonly tag: string;
  readonly path: string;
}

/**
 * Every chart of the platform. Sources that moved, and where from:
 * sealed-secrets from bitnami-labs.github.io, tofu-controller from weaveworks.github.io/tf-controller (chart `tf-controller`),
 * cert-manager to OCI, Matrix from the archived matrix-synapse chart to Element's own suite.
 */
export const CHARTS = {
  // renovate: datasource=helm depName=metallb registryUrl=https://metallb.github.io/metallb
  metallb: { chart: 'metallb', repository: 'https://metallb.github.io/metallb', version: '0.16.1' },
  // renovate: datasource=helm depName=sealed-secrets registryUrl=https://bitnami.github.io/sealed-secrets
  sealedSecrets: {
    chart: 'sealed-secrets',
    repository: 'https://bitnami.github.io/sealed-secrets',
    version: '2.19.1',
  },
  // renovate: datasource=docker depName=quay.io/jetstack/charts/cert-manager
  certManager: { chart: 'cert-manager', repository: 'oci://quay.io/jetstack/charts', version: 'v1.21.2' },
  // renovate: datasource=helm depName=cert-manager-webhook-pdns registryUrl=https://zachomedia.github.io/cert-manager-webhook-pdns
  certManagerWebhookPdns: {
    chart: 'cert-manager-webhook-pdns',
    repository: 'https://zachomedia.github.io/cert-manager-webhook-pdns',
    version: '3.2.5',
  },
  // The last release before the project was retired in March 2026; 4.11.x has CVE-2025-1974.
  // renovate: datasource=helm depName=ingress-nginx registryUrl=https://kubernetes.github.io/ingress-nginx
  ingressNginx: {
    chart: 'ingress-nginx',
    repository: 'https://kubernetes.github.io/ingress-nginx',
    version: '4.15.1',
  },
  // renovate: datasource=helm depName=external-secrets registryUrl=https://charts.external-secrets.io
  externalSecrets: {
    chart: 'external-secrets',
    repository: 'https://charts.external-secrets.io',
    version: '2.10.0',
  },
  // renovate: datasource=docker depName=ghcr.io/sergelogvinov/charts/proxmox-csi-plugin
  proxmoxCsi: {
    chart: 'proxmox-csi-plugin',
    repository: 'oci://ghcr.io/sergelogvinov/charts',
    version: '0.5.9',
  },
  // renovate: datasource=helm depName=cloudnative-pg registryUrl=https://cloudnative-pg.github.io/charts
  cloudnativePg: {
    chart: 'cloudnative-pg',
    repository: 'https://cloudnative-pg.github.io/charts',
    version: '0.29.0',
  },
  // renovate: datasource=helm depName=tofu-controller registryUrl=https://flux-iac.github.io/tofu-controller
  tofuController: {
    chart: 'tofu-controller',
    repository: 'https://flux-iac.github.io/tofu-controller',
    version: '0.16.5',
  },
  // renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
  kubePrometheusStack: {
    chart: 'kube-prometheus-stack',
    repository: 'https://prometheus-community.github.io/helm-charts',
    version: '88.5.3',
  },
  // renovate: datasource=helm depName=vault registryUrl=https://helm.releases.hashicorp.com
  vault: { chart: 'vault', repository: 'https://helm.releases.hashicorp.com', version: '0.34.1' },
  // renovate: datasource=helm depName=authentik registryUrl=https://charts.goauthentik.io
  authentik: { chart: 'authentik', repository: 'https://charts.goauthentik.io', version: '2026.8.0' },
  // renovate: datasource=helm depName=harbor registryUrl=https://helm.goharbor.io
  harbor: { chart: 'harbor', repository: 'https://helm.goharbor.io', version: '1.19.1' },
  // renovate: datasource=helm depName=gitea registryUrl=https://dl.gitea.com/charts
  gitea: { chart: 'gitea', repository: 'https://dl.gitea.com/charts', version: '12.7.0' },
  // renovate: datasource=docker depName=ghcr.io/element-hq/ess-helm/matrix-stack
  matrix: { chart: 'matrix-stack', repository: 'oci://ghcr.io/element-hq/ess-helm', version: '26.8.1' },
} as const satisfies Readonly<Record<string, ChartVersion>>;

/** Every image that a manifest of our own names. */
export const IMAGES = {
  // Newer than the chart's own: /v1/rotate was an oracle that decrypts, until 0.40.0
  // renovate: datasource=docker depName=docker.io/bitnami/sealed-secrets-controller
  sealedSecretsController: { repository: 'docker.io/bitnami/sealed-secrets-controller', tag: '0.40.0' },
  // renovate: datasource=docker depName=ghcr.io/cloudnative-pg/postgresql
  postgres: { repository: 'ghcr.io/cloudnative-pg/postgresql', tag: '18.6-standard-trixie' },
  // renovate: datasource=docker depName=docker.io/powerdns/pdns-auth-50
  powerdns: { repository: 'docker.io/powerdns/pdns-auth-50', tag: '5.0.7' },
  // renovate: datasource=docker depName=docker.io/rancher/local-path-provisioner
  localPath: { repository: 'docker.io/rancher/local-path-provisioner', tag: 'v0.0.37' },
  // renovate: datasource=docker depName=docker.io/library/busybox
  busybox: { repository: 'docker.io/library/busybox', tag: '1.37.0' },
  // renovate: datasource=docker depName=docker.io/traefik/whoami
  whoami: { repository: 'docker.io/traefik/whoami', tag: 'v1.11.0' },
} as const satisfies Readonly<Record<string, ImageVersion>>;

/** Every folder of a Git repository that is applied as it is. */
export const GIT = {
  // The newest that users of Cilium 1.19 report; Cilium's own page names the oldest that it takes. Check it with Cilium's minor.
  // renovate: datasource=github-releases depName=kubernetes-sigs/gateway-api
  gatewayApi: {
    repository: 'https://github.com/kubernetes-sigs/gateway-api',
    tag: 'v1.4.1',
    path: './config/crd',
  },
} as const satisfies Readonly<Record<string, GitVersion>>;

/** As a manifest has it: `docker.io/library/busybox:1.37.0`. */
export const imageOf = ({ repository, tag }: ImageVersion): string => `${repository}:${tag}`;

/** Every Terraform provider of the stacks that tofu-controller applies. */
export const TERRAFORM_PROVIDERS = {
  // renovate: datasource=terraform-provider depName=hashicorp/vault
  vault: { source: 'hashicorp/vault', version: '5.11.0' },
  // The newest; its version is that of the Authentik that it is tested with
  // renovate: datasource=terraform-provider depName=goauthentik/authentik
  authentik: { source: 'goauthentik/authentik', version: '2026.5.0' },
  // renovate: datasource=terraform-provider depName=goharbor/harbor
  harbor: { source: 'goharbor/harbor', version: '3.12.4' },
  // renovate: datasource=terraform-provider depName=hashicorp/random
  random: { source: 'hashicorp/random', version: '3.9.0' },
} as const satisfies Readonly<Record<string, { readonly source: string; readonly version: string }>>;
