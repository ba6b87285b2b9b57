import type {
  ApplicationName,
  CiliumIpam,
  GatewayKind,
  GitAccess,
  SecretsKind,
  StorageKind,
  TailscaleCredential,
  TlsEnd,
} from '../cluster-plan';

/** Choices of Cilium, the network of pods. */
export interface CiliumSpec {
  /**
   * Who gives each node its block of `podCidr`: `'kubernetes'`, the controller manager, as Talos' documentation demands; or
   * `'cluster-pool'`, Cilium's operator. It can't be changed on a running cluster.
   * @default "kubernetes"
   */
  readonly ipam?: CiliumIpam;
}

/** A Tailscale or Headscale mesh between the nodes. */
export interface TailscaleSpec {
  /**
   * `true`: images hold the Tailscale extension, and a key is asked for at each deploy: `TF_VAR_tailscale_auth_key`. Control planes
   * advertise the addresses of the pools `ingress` and `dns`. Changing it builds new images.
   * @default false
   */
  readonly enabled?: boolean;
  /**
   * What the key is: `'auth-key'`, or `'oauth'`, the secret of an OAuth client, which never ends and needs `tags`.
   * @default "auth-key"
   */
  readonly credential?: TailscaleCredential;
  /**
   * URL of a Headscale server in place of Tailscale's. Example: `'https://headscale.example.org'`.
   * @default - Tailscale's own
   */
  readonly loginServer?: string;
  /**
   * Tags that the nodes have in the tailnet, each with `tag:` before it. Example: `['tag:cluster']`.
   * @default []
   */
  readonly tags?: readonly string[];
  /**
   * Networks that the control planes advertise beside the addresses of the pools `ingress` and `dns`. Example: `['10.96.0.0/12']`.
   * @default []
   */
  readonly routes?: readonly string[];
  /**
   * `true`: nodes take routes that others in the tailnet advertise. One that overlaps the network would cut nodes off from each other.
   * @default false
   */
  readonly acceptRoutes?: boolean;
}

/** The Git repository that Flux applies to the cluster. */
export interface FluxSpec {
  /** URL without any password, https or ssh. Example: `'https://github.com/example-org/groundwork'`. */
  readonly repository: string;
  /**
   * Branch to follow.
   * @default "main"
   */
  readonly branch?: string;
  /**
   * Folder in the repository, beginning with `./`. Example: `'./platform/rendered/infrastructure'`.
   * @default - `./platform/rendered/<name of the cluster>`
   */
  readonly path?: string;
  /**
   * How the repository is read: `'public'` without a credential, `'token'` with one by https, `'deploy-key'` by ssh. The credential is
   * asked for at each deploy: `TF_VAR_flux_token` or `TF_VAR_flux_deploy_key` in the environment.
   * @default - `'deploy-key'` where the URL is ssh, else `'public'`
   */
  readonly access?: GitAccess;
  /**
   * User name that is sent with a token: most Git servers take any, GitLab's deploy tokens have one. Example: `'gitlab+deploy-token-1'`.
   * @default "git"
   */
  readonly username?: string;
  /**
   * What `ssh-keyscan <host>` prints: the keys by which Flux knows an ssh server. Needed for a deploy key.
   * Example: `['git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI']`.
   * @default []
   */
  readonly knownHosts?: readonly string[];
  /**
   * `true`: Flux decrypts what SOPS has encrypted for an age key, which is asked for at each deploy: `TF_VAR_flux_age_key`. It does
   * so, too, where `platform.secrets` is `'sops'`.
   * @default false
   */
  readonly sops?: boolean;
  /**
   * `true`: the key pair of sealed-secrets is yours, so that a cluster made anew opens what is committed. It is asked for at each
   * deploy, as PEM: `TF_VAR_flux_sealing_certificate` and `TF_VAR_flux_sealing_key`.
   * @default false
   */
  readonly sealedSecretsKey?: boolean;
}

/** What runs on the cluster. `npx groundwork platform render` writes it to where Flux reads it. */
export interface PlatformSpec {
  /**
   * DNS zone whose names lead to the cluster; each application gets a name in it. Example: `'test-cluster.example.org'`.
   * @default - none: then there are no certificates, and nothing that needs a name
   */
  readonly domain?: string;
  /**
   * How HTTP comes in: `'cilium'`, the Gateway API by Cilium, or `'ingress-nginx'`, which had its last release in March 2026.
   * @default "cilium"
   */
  readonly gateway?: GatewayKind;
  /**
   * Where TLS of the outside world ends: `'outside'`, on the proxy before the cluster, or `'cluster'`.
   * @default "outside"
   */
  readonly tlsEnd?: TlsEnd;
  /**
   * Public address of the proxy before the cluster: names in the zone lead there. Example: `'203.0.113.10'`.
   * @default - none: names lead to the pools, and the name server's address is left to you
   */
  readonly publicAddress?: string;
  /**
   * Disks of pods: `'proxmox-csi'`, disks of Proxmox which follow a pod from node to node, or `'local-path'`, folders on the node.
   * @default "proxmox-csi"
   */
  readonly storage?: StorageKind;
  /**
   * How Secrets are committed: `'sealed-secrets'`, which a controller in the cluster opens, or `'sops'`, which Flux opens with an
   * age key.
   * @default "sealed-secrets"
   */
  readonly secrets?: SecretsKind;
  /**
   * Applications beyond the test application: `'vault'`, `'authentik'`, `'harbor'`, `'gitea'`, `'matrix'`, `'monitoring'`.
   * All but Vault and monitoring need `domain`.
   * @default []
   */
  readonly applications?: readonly ApplicationName[];
}
