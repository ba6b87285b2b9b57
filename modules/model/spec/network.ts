import type { Announcer, VipProvider } from '../cluster-plan';

/** The network that all nodes are in, and the ranges inside the cluster. */
export interface NetworkSpec {
  /** The network of nodes, VIP and load-balancer pools. IPv4, with a prefix length of 8 to 29. Example: `'10.0.0.0/16'`. */
  readonly cidr: string;
  /** Default route of every node: an address in `cidr`. Example: `'10.0.0.1'`. */
  readonly gateway: string;
  /**
   * DNS servers of the nodes, the first is asked first: one address or more.
   * @default ["1.1.1.1", "8.8.8.8"]
   */
  readonly nameServers?: readonly string[];
  /**
   * NTP servers of the nodes: one host name or address or more. Without the right time no certificate is valid.
   * Example: `['time.example.org']`.
   * @default - those of `airGap`, else `['time.cloudflare.com']`
   */
  readonly timeServers?: readonly string[];
  /**
   * Addresses of pods. Every node takes a /24 of it, so that a /16 holds 256 nodes. It may overlap no other range.
   * @default "10.244.0.0/16"
   */
  readonly podCidr?: string;
  /**
   * Addresses of services inside the cluster. It may overlap no other range.
   * @default "10.96.0.0/12"
   */
  readonly serviceCidr?: string;
}

/** The one address of the Kubernetes API, which moves between the control planes. */
export interface VipSpec {
  /** A free address in the network: no node has it, and no load-balancer pool holds it. Example: `'10.0.3.1'`. */
  readonly address: string;
  /**
   * Who moves it: `'kube-vip'`, pods on the control planes, which give it up when the API server beside them dies; or `'talos'`,
   * Talos itself, which needs no pod and gives it up when etcd or the machine dies.
   * @default "kube-vip"
   */
  readonly provider?: VipProvider;
}

/** Addresses for services of type LoadBalancer. */
export interface LoadBalancerPoolSpec {
  /** First and last address, or one alone, in the network. Examples: `'10.0.3.4-10.0.3.20'`, `'10.0.3.2'`. */
  readonly range: string;
  /**
   * `false`: only a service that names the pool gets an address from it.
   * @default true
   */
  readonly autoAssign?: boolean;
}

/** Who tells the network on which node load-balancer addresses are: exactly one does. */
export interface AnnouncementsSpec {
  /**
   * `'metallb'` answers ARP; `'cilium-l2'` does so without another program, a feature that Cilium calls beta; `'cilium-bgp'` tells
   * routers, for which it needs `localAsn` and `peers`.
   * @default "metallb"
   */
  readonly by?: Announcer;
  /**
   * Number of the cluster's autonomous system, 1 to 4294967294, for BGP. Example: `64512`.
   * @default - none
   */
  readonly localAsn?: number;
  /**
   * Routers that each node talks BGP to. Example: `[{ address: '10.0.0.1', asn: 64500 }]`.
   * @default []
   */
  readonly peers?: readonly BgpPeerSpec[];
}

/** A router that each node talks BGP to. */
export interface BgpPeerSpec {
  /** Its address. Example: `'10.0.0.1'`. */
  readonly address: string;
  /** Number of its autonomous system, 1 to 4294967294. Example: `64500`. */
  readonly asn: number;
}
