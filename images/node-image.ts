import type { ClusterPlan, NodePlan } from '../modules/model/cluster-plan';
import { META_KEY_NETWORK, platformNetworkConfig } from './network-config';
import { schematicId, schematicText, type Schematic } from './schematic';

/** Everything about a disk image, with no question to the factory. */
export interface DiskImage {
  /** Canonical YAML to send to the factory: what the Talos provider would make of it is the same text. */
  readonly schematic: string;
  /** What the factory answers to `schematic`. */
  readonly schematicId: string;
  /** Name of the file in Proxmox' storage, by content. */
  readonly fileName: string;
  /** Where Proxmox downloads it from. */
  readonly url: string;
}

/**
 * By Talos' names: `metal` is the one platform that reads META key 10, where an image of its own tells a node its
 * address; `nocloud` reads it from the cloud-init drive that Proxmox makes.
 */
const platformOf = ({ images: { mode } }: ClusterPlan): 'metal' | 'nocloud' =>
  mode === 'shared' ? 'nocloud' : 'metal';

/** Of images and installers that are signed. */
const secureBootSuffix = ({ talos: { secureBoot } }: ClusterPlan): string => (secureBoot ? '-secureboot' : '');

/** The disk image that a node boots from. Nodes of the mode `shared` have the same. */
export const nodeImage = (plan: ClusterPlan, node: NodePlan): DiskImage => {
  const schematic = plan.images.mode === 'shared' ? clusterSchematic(plan) : nodeSchematic(plan, node);
  const id = schematicId(schematic);
  const { talos } = plan.versions;
  const boot = secureBootSuffix(plan);
  const name = `talos-${talos}-${id.slice(0, 12)}-${node.architecture}${boot}`;
  return {
    schematic: schematicText(schematic),
    schematicId: id,
    // Its schematic is that of other clusters too; but what one cluster's destroy removes must be its own.
    fileName: `${name}${plan.images.mode === 'shared' ? `-${platformOf(plan)}-${plan.name}` : ''}.qcow2`,
    url: `${plan.images.factory}/image/${id}/v${talos}/${platformOf(plan)}-${node.architecture}${boot}.qcow2`,
  };
};

/** What the image of a node of its own is built from: as that of its cluster, and its own network. */
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
  officialExtensions: [
    'siderolabs/qemu-guest-agent',
    ...(plan.tailscale === undefined ? [] : ['siderolabs/tailscale']),
    ...plan.talos.extensions,
  ],
});

/**
 * The installer of the whole cluster, which `machine.install.image` names and an upgrade pulls: a registry path, no scheme.
 * Without META, which an installed node has already; with the kernel arguments, or an upgrade would cut the node off from
 * its network.
 */
export const installerReference = (plan: ClusterPlan): string => {
  const registry = plan.images.factory.replace(/^https?:\/\//, '');
  return `${registry}/${platformOf(plan)}-installer${secureBootSuffix(plan)}/${schematicId(clusterSchematic(plan))}:v${plan.versions.talos}`;
};
