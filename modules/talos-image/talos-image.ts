import { DownloadFile } from '@cdktf/provider-proxmox/lib/download-file';
import { ImageFactorySchematic } from '@cdktf/provider-talos/lib/image-factory-schematic';
import { Construct } from 'constructs';
import { nodeImage } from '../../images/node-image';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';

/** Seconds for a factory to build an image that it has not built before, and for a slow link to bring it. */
const DOWNLOAD_SECONDS = 1800;

export interface TalosImageProps {
  readonly plan: ClusterPlan;
  readonly node: NodePlan;
}

/** The disk image of one node: made known to the Image Factory, then downloaded by the node's Proxmox host itself. */
export class TalosImage extends Construct {
  /** Expression of the file's volume id, as `local:import/talos-1.13.9-0123456789ab-amd64.qcow2`. */
  readonly volumeId: string;

  constructor(scope: Construct, id: string, { plan, node }: TalosImageProps) {
    super(scope, id);
    const { schematic, schematicId, url, fileName } = nodeImage(plan, node);
    const known = new ImageFactorySchematic(this, 'Schematic', {
      schematic,
      lifecycle: {
        // URL and file name hold the id as it was computed here, so that a plan needs no factory. Where the factory
        // computes another, its image would not be the one that was meant.
        postcondition: [
          {
            condition: `\${self.id == "${schematicId}"}`,
            errorMessage: `The Image Factory gave the schematic of ${node.name} the id \${self.id}, and not ${schematicId}, as computed from the same text. Is ${plan.imageFactory} an Image Factory of Talos ${plan.versions.talos}?`,
          },
        ],
      },
    });
    const file = new DownloadFile(this, 'File', {
      nodeName: node.host,
      datastoreId: plan.proxmox.imageStorage,
      contentType: 'import',
      fileName,
      url,
      verify: true,
      uploadTimeout: DOWNLOAD_SECONDS,
      // The name says what is in it: what is there is right. With `overwrite` the provider would ask the factory for the
      // size at every plan, and make the file anew where the answers differ.
      overwrite: false,
      // The factory builds only what it knows; the URL does not refer to the schematic, since it holds the id itself.
      dependsOn: [known],
      lifecycle: { createBeforeDestroy: true },
    });
    this.volumeId = file.id;
  }
}
