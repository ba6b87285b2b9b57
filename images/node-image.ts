import type { ClusterPlan, NodePlan } from '../modules/model/cluster-plan';
import { META_KEY_NETWORK, platformNetworkConfig } from './network-config';
import { schematicId, schematicText, type Schematic } from './schematic';

/** Everything about the image of one node, with no question to the factory. */
export interface NodeImage {
  /** Canonical YAML to send to the factory: what the Talos provider would make of it is the same text. */
  readonly schematic: string;
  /** What the factory answers to `schematic`. */
  readonly schematicId: string;
  /** Name of the file in Proxmox' storage, by content: `talos-<version>-<first 12 digits of the id>-amd64.qcow2`. */
  readonly fileName: string;
  /** Where Proxmox downloads it from. */
  readonly url: string;
  /** What `machine.install.image` names, and an upgrade pulls: a registry path, no scheme. */
  readonly installer: string;
}

/** Proxmox' own CPUs decide it: arm64 images only run on arm64 hosts. */
const ARCHITECTURE = 'amd64';
/** The one platform that reads META key 10. */
const PLATFORM = 'metal';

export const nodeImage = (plan: ClusterPlan, node: NodePlan): NodeImage => {
  const schematic = nodeSchematic(plan, node);
  const id = schematicId(schematic);
  const { talos } = plan.versions;
  return {
    schematic: schematicText(schematic),
    schematicId: id,
    fileName: `talos-${talos}-${id.slice(0, 12)}-${ARCHITECTURE}.qcow2`,
    url: `${plan.imageFactory}/image/${id}/v${talos}/${PLATFORM}-${ARCHITECTURE}.qcow2`,
    installer: installerReference(plan),
  };
};

/** What the image of a node is built from: as that of its cluster, and its own network. */
export const nodeSchematic = (plan: ClusterPlan, node: NodePlan): Schematic => ({
  ...clusterSchematic(plan),
  meta: [{ key: META_KEY_NETWORK, value: platformNetworkConfig(node, plan.network) }],
});

/**
 * What all nodes share. Names the NIC `eth0`: its predictable name would depend on the PCI slot. The Tailscale extension waits for
 * a key, so it is left out where there will be none.
 */
export const clusterSchematic = (plan: ClusterPlan): Schematic => ({
  extraKernelArgs: ['net.ifnames=0'],
  officialExtensions: ['siderolabs/qemu-guest-agent', ...(plan.tailscale ? ['siderolabs/tailscale'] : [])],
});

/**
 * The installer of the whole cluster. Without META, which an installed node has already; with the kernel arguments, or an upgrade
 * would cut the node off from its network.
 */
export const installerReference = (plan: ClusterPlan): string => {
  const registry = plan.imageFactory.replace(/^https?:\/\//, '');
  return `${registry}/${PLATFORM}-installer/${schematicId(clusterSchematic(plan))}:v${plan.versions.talos}`;
};
