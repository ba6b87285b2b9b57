import { Construct } from 'constructs';
import { nodeImage } from '../../images/node-image';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';
import { imageFile } from './image-file';
import { knownSchematic } from './known-schematic';

export interface NodeDiskImageProps {
  readonly plan: ClusterPlan;
  readonly node: NodePlan;
}

/** The disk image of one node alone: made known to the Image Factory, then downloaded by the node's Proxmox host itself. */
export class NodeDiskImage extends Construct {
  /** Expression of the file's volume id, as `local:import/talos-1.13.9-0123456789ab-amd64.qcow2`. */
  readonly volumeId: string;

  constructor(scope: Construct, id: string, { plan, node }: NodeDiskImageProps) {
    super(scope, id);
    const image = nodeImage(plan, node);
    const known = knownSchematic(this, plan, image, node.name);
    this.volumeId = imageFile(this, 'File', { plan, image, host: node.host, known }).id;
  }
}
