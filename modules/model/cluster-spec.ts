import type { AnnouncementsSpec, LoadBalancerPoolSpec, NetworkSpec, VipSpec } from './spec/network';
import type { NodePoolSpec } from './spec/node-pool';
import type { ImagesSpec, ProxmoxSpec } from './spec/proxmox';
import type { CiliumSpec, FluxSpec, PlatformSpec, TailscaleSpec } from './spec/services';
import type { AirGapSpec, VersionsSpec } from './spec/sources';
import type { TalosSpec } from './spec/talos';

// docs/SPEC.md has the sections in this order.
export type * from './spec/network';
export type * from './spec/node-pool';
export type * from './spec/machine';
export type * from './spec/proxmox';
export type * from './spec/talos';
export type * from './spec/services';
export type * from './spec/sources';

/**
 * A cluster as a person writes it, in clusters/. This is the reference of every field: what it is for, its unit, what is allowed,
 * what it is when left out, and an example. A field that is not listed here is an error.
 */
export interface ClusterSpec {
  /**
   * Name of the cluster: also the context in kubeconfig and talosconfig, and part of the tag that its VMs carry in Proxmox.
   * The cluster `infrastructure` gets the stack `infrastructure`, any other `infrastructure-<name>`.
   * A DNS label of at most 40 characters. Example: `'infrastructure'`.
   */
  readonly name: string;
  /** The network that all nodes are in, and the ranges inside the cluster. */
  readonly network: NetworkSpec;
  /** The one address of the Kubernetes API, which moves between the control planes. */
  readonly vip: VipSpec;
  /**
   * Addresses for services of type LoadBalancer, by the name of the pool: a DNS label of at most 40 characters.
   * Example: `{ ingress: { range: '10.0.3.2' } }`.
   * @default {}
   */
  readonly loadBalancerPools?: Readonly<Record<string, LoadBalancerPoolSpec>>;
  /** Who tells the network on which node the addresses of these pools are. */
  readonly announcements?: AnnouncementsSpec;
  /**
   * The nodes, by the name of the pool: a DNS label of at most 40 characters. Node 0 of the pool `worker` is called `worker0`, and its
   * VM `talos-worker0`. Without any worker, pods run on the control planes.
   * Example: `{ controlplane: { role: 'controlplane', firstAddress: '10.0.1.1' } }`.
   */
  readonly nodePools: Readonly<Record<string, NodePoolSpec>>;
  /** The Proxmox VE that runs the VMs. */
  readonly proxmox: ProxmoxSpec;
  /** Where Talos' disk images come from. */
  readonly images?: ImagesSpec;
  /** Choices of Talos Linux. Its version stands in `versions`. */
  readonly talos?: TalosSpec;
  /** Choices of Cilium, the network of pods. Its version stands in `versions`. */
  readonly cilium?: CiliumSpec;
  /** A Tailscale or Headscale mesh between the nodes. */
  readonly tailscale?: TailscaleSpec;
  /** The Git repository that Flux applies to the cluster. */
  readonly flux: FluxSpec;
  /** What Flux finds there: storage, gateway, certificates and applications. */
  readonly platform?: PlatformSpec;
  /** Where all of it comes from in a network without the Internet. */
  readonly airGap?: AirGapSpec;
  /**
   * Where Terraform keeps its state: `'local'`, the folder terraform-state; `'postgres'`, the database that PG_CONN_STR in the
   * environment names; or a bucket, as `'s3://<bucket>/<folder>?region=<region>'`, with AWS_ACCESS_KEY_ID and
   * AWS_SECRET_ACCESS_KEY in the environment. `endpoint` is for stores other than Amazon's, which must know conditional writes:
   * `'s3://<bucket>?endpoint=https://minio.home.arpa:9000'`. Move a state before you change this: docs/OPERATIONS.md.
   * Example: `'s3://terraform-state/groundwork?region=eu-central-1'`.
   * @default "local"
   */
  readonly state?: string;
  /** Versions other than the ones that this release was tried with. */
  readonly versions?: VersionsSpec;
}
