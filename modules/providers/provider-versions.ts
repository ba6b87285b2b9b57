/** Exact versions of the Terraform providers, by their local names in `required_providers`. */
export interface ProviderVersions {
  readonly proxmox: string;
  readonly talos: string;
  readonly helm: string;
  readonly kubernetes: string;
  readonly null: string;
}
