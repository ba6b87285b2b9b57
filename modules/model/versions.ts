/**
 * What a cluster runs unless its spec says otherwise: exact versions, no leading `v`. The comments are for Renovate, which raises
 * them; what works with what stands in compatibility.ts.
 */
export const DEFAULT_VERSIONS = {
  // renovate: datasource=github-releases depName=siderolabs/talos
  talos: '1.13.9',
  // renovate: datasource=github-releases depName=kubernetes/kubernetes
  kubernetes: '1.35.0',
  // renovate: datasource=github-releases depName=kube-vip/kube-vip
  kubeVip: '0.9.2',
  // renovate: datasource=helm depName=cilium registryUrl=https://helm.cilium.io
  cilium: '1.19.6',
  // renovate: datasource=helm depName=flux2 registryUrl=https://fluxcd-community.github.io/helm-charts
  flux: '2.18.3',
  // renovate: datasource=helm depName=flux2-sync registryUrl=https://fluxcd-community.github.io/helm-charts
  fluxSync: '1.14.5',
} as const;

/**
 * Which documents Talos' machine config is generated in, apart from the image's version: at 1.9 the providers 0.7.1 and newer give
 * the same bytes, so that another provider is no change to a cluster.
 */
export const DEFAULT_TALOS_CONTRACT = '1.9';

/** Terraform providers in production, by their local names. */
export const PROVIDER_VERSIONS = {
  // renovate: datasource=terraform-provider depName=bpg/proxmox
  proxmox: '0.111.1',
  // renovate: datasource=terraform-provider depName=siderolabs/talos
  talos: '0.11.0',
  // renovate: datasource=terraform-provider depName=hashicorp/helm
  helm: '3.1.1',
  // renovate: datasource=terraform-provider depName=hashicorp/kubernetes
  kubernetes: '2.38.0',
  // renovate: datasource=terraform-provider depName=hashicorp/null
  null: '3.2.4',
} as const;
