/** How the cluster's administrator is known to its Kubernetes API: Terraform expressions, not values. */
export interface AdminAccess {
  /** URL of the API at the cluster's endpoint. */
  readonly host: string;
  /** Base64 of PEM, as in a kubeconfig. */
  readonly caCertificate: string;
  /** Base64 of PEM. */
  readonly clientCertificate: string;
  /** Base64 of PEM; sensitive. */
  readonly clientKey: string;
}
