/**
 * Where all that is fetched comes from in a network without the Internet. With it, whatever would still be asked of a public host
 * is a warning. A field of another section that says the same (`images.factory`, `network.timeServers`, a registry in
 * `talos.registryMirrors`) wins. `npx groundwork airgap` lists what the mirrors must hold.
 */
export interface AirGapSpec {
  /**
   * URL of an Image Factory. Example: `'https://factory.example.org'`.
   * @default - `images.factory`
   */
  readonly factory?: string;
  /**
   * URL of a registry that holds or proxies the others, each as a project of that name, as Harbor and Zot do: nodes pull
   * `ghcr.io/a/b` as `<url>/v2/ghcr.io/a/b`, and ask the registry itself no more. Example: `'https://mirror.example.org'`.
   * @default - `talos.registryMirrors`
   */
  readonly registry?: string;
  /**
   * URL of one chart repository that holds the charts of Cilium, of Flux and of the platform: an HTTP one, or a folder of a
   * registry. Examples: `'https://charts.example.org'`, `'oci://mirror.example.org/charts'`.
   * @default - the repository of each chart
   */
  readonly charts?: string;
  /**
   * URL of a Git server that holds what the platform takes from GitHub, under the same owner and name. Example:
   * `'https://git.example.org'`.
   * @default - `'https://github.com'`
   */
  readonly git?: string;
  /**
   * NTP servers: one host name or address or more. Example: `['10.0.0.1']`.
   * @default - `network.timeServers`
   */
  readonly timeServers?: readonly string[];
}

/** Exact versions, with no leading `v`. */
export interface VersionsSpec {
  /**
   * Talos Linux, of the images and of later upgrades.
   * @default "1.13.9"
   */
  readonly talos?: string;
  /**
   * Kubernetes, one that Talos supports.
   * @default "1.35.0"
   */
  readonly kubernetes?: string;
  /**
   * kube-vip, where it moves the VIP.
   * @default "0.9.2"
   */
  readonly kubeVip?: string;
  /**
   * The chart `cilium`, which has Cilium's own version.
   * @default "1.19.6"
   */
  readonly cilium?: string;
  /**
   * The chart `flux2`: not the version of Flux.
   * @default "2.18.3"
   */
  readonly flux?: string;
  /**
   * The chart `flux2-sync`.
   * @default "1.14.5"
   */
  readonly fluxSync?: string;
}
