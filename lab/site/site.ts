/**
 * What a data centre must have so that one synthesized stack can be deployed in it: read from the Terraform
 * JSON alone, so that any user's spec is rehearsed as it is.
 */
export interface Site {
  /** Name of the stack, as `infrastructure`. */
  readonly stack: string;
  readonly proxmox: ProxmoxSite;
  /** Base URLs without trailing slash, as `https://factory.talos.dev`. */
  readonly imageFactories: readonly string[];
  /** Those whose certificate Proxmox is told not to verify: of an authority that its hosts do not know. @default - none */
  readonly unverifiedFactories?: readonly string[];
  readonly chartRepositories: readonly ChartRepositorySite[];
  /** URL of the discovery service that the machines use. */
  readonly discovery: string;
  /** The network that the VMs are in; the lab's bridge is its gateway. */
  readonly network: NetworkSite;
  /** Control planes first, each role by VM id. */
  readonly nodes: readonly NodeSite[];
  /** Input variables without a default: a rehearsal gives them made-up values. */
  readonly variables: readonly string[];
  /** Version constraints of `required_providers` by local name, as `{ proxmox: '0.111.1' }`. */
  readonly providers: Readonly<Record<string, string>>;
}

export interface ProxmoxSite {
  /** As the provider's `endpoint` has it, without trailing slash: `https://pve1.home.arpa:8006`. */
  readonly endpoint: string;
  /** Host of the endpoint: a name or an address. */
  readonly host: string;
  readonly port: number;
  /** Names of the Proxmox nodes, sorted. */
  readonly hosts: readonly string[];
  readonly storages: readonly StorageSite[];
  /** As `vmbr0`, sorted. */
  readonly bridges: readonly string[];
  /** Resource pools that VMs are put in, sorted. */
  readonly pools: readonly string[];
  /** Resource mappings of PCI devices that VMs are given, sorted. */
  readonly pciMappings: readonly string[];
  /** True where Proxmox is to keep VMs available. */
  readonly highAvailability: boolean;
  /** True where a VM has a cloud-init drive. @default false */
  readonly cloudInit?: boolean;
  /** True where a VM has a place in the order of starts. @default false */
  readonly startOrder?: boolean;
  /** Those of `hosts` whose processor is arm64. @default - none */
  readonly arm64Hosts?: readonly string[];
}

export interface StorageSite {
  readonly name: string;
  /** Proxmox content types, sorted: `images`, `import`, `iso`, `snippets`. */
  readonly content: readonly string[];
  /** True where a VM uses an image that another host has downloaded: the hosts see one storage. */
  readonly shared: boolean;
}

export interface ChartRepositorySite {
  /** As `https://helm.cilium.io`, without trailing slash. */
  readonly url: string;
  readonly host: string;
  readonly charts: readonly { readonly name: string; readonly version: string }[];
}

export interface NetworkSite {
  /** That the nodes' interfaces are on, as `vmbr0`. */
  readonly bridge: string;
  /** VLAN tag of the nodes' interfaces. */
  readonly vlan?: number;
  /** Without mask, as `10.0.0.1`. */
  readonly gateway: string;
  /** Mask length, 0 to 32. */
  readonly prefix: number;
}

export interface NodeSite {
  /** Host name, which is the Kubernetes node name. */
  readonly name: string;
  readonly vmid: number;
  readonly vmName: string;
  /** Proxmox node. */
  readonly host: string;
  /** Without mask. */
  readonly address: string;
  readonly role: 'controlplane' | 'worker';
}
