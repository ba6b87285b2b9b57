import { Construct } from 'constructs';
import { nodeImage } from '../../images/node-image';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';
import { imageFile } from './image-file';
import { knownSchematic } from './known-schematic';

export interface SharedDiskImagesProps {
  readonly plan: ClusterPlan;
}

/** Host names are case-blind, and may hold what a Terraform address may not. */
const idOf = (host: string): string => host.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');

/** One disk image for each host that has nodes, or one for all of them on a storage that they share. */
export class SharedDiskImages extends Construct {
  private readonly volumes = new Map<string, string>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SharedDiskImagesProps,
  ) {
    super(scope, id);
    const { plan } = props;
    const [first] = plan.nodes;
    if (first === undefined) return;
    const known = knownSchematic(this, plan, nodeImage(plan, first), `cluster ${plan.name}`);
    for (const node of plan.nodes) {
      const place = this.placeOf(node);
      if (this.volumes.has(place)) continue;
      const file = imageFile(new Construct(this, place), 'File', {
        plan,
        image: nodeImage(plan, node),
        host: node.host,
        known,
      });
      this.volumes.set(place, file.id);
    }
  }

  /** Expression of the volume id of the image that a node boots from. */
  volumeIdFor(node: NodePlan): string {
    const volume = this.volumes.get(this.placeOf(node));
    if (volume === undefined) throw new Error(`node ${node.name} has no disk image; report this`);
    return volume;
  }

  /** A host has one architecture; what hosts share holds an image of each. */
  private placeOf({ host, architecture }: NodePlan): string {
    const { imageStorage, sharedStorages } = this.props.plan.proxmox;
    return sharedStorages.includes(imageStorage) ? architecture : idOf(host);
  }
}
