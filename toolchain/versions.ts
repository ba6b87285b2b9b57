/**
 * Versions of what is taken ready-made. What is built from source is pinned by modules/<name>/go.mod and go.sum.
 * @see docs/DEPENDENCIES.md
 */

/** The oldest Terraform that will do, and the oldest OpenTofu with the same features (`use_lockfile` of S3 state). */
export const MINIMUM_TERRAFORM = { terraform: '1.11.0', tofu: '1.10.0' } as const;

/** A Terraform provider: where it comes from and which version production takes from the registry. */
export interface ProviderPin {
  /** `namespace/name` at the registry. */
  readonly source: string;
  readonly version: string;
}

/** What production deploys with, and the lab too wherever the registry can be reached. */
export const REGISTRY_PROVIDERS = {
  // renovate: datasource=terraform-provider depName=bpg/proxmox
  proxmox: { source: 'bpg/proxmox', version: '0.111.1' },
  // renovate: datasource=terraform-provider depName=siderolabs/talos
  talos: { source: 'siderolabs/talos', version: '0.11.0' },
  // renovate: datasource=terraform-provider depName=hashicorp/helm (moves with @cdktf/provider-helm)
  helm: { source: 'hashicorp/helm', version: '3.1.1' },
  // renovate: datasource=terraform-provider depName=hashicorp/kubernetes (moves with @cdktf/provider-kubernetes)
  kubernetes: { source: 'hashicorp/kubernetes', version: '2.38.0' },
  // renovate: datasource=terraform-provider depName=hashicorp/null (moves with @cdktf/provider-null)
  null: { source: 'hashicorp/null', version: '3.2.4' },
} as const satisfies Record<string, ProviderPin>;

export type ProviderName = keyof typeof REGISTRY_PROVIDERS;
export const PROVIDER_NAMES = Object.keys(REGISTRY_PROVIDERS) as readonly ProviderName[];
