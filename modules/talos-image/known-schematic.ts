import { ImageFactorySchematic } from '@cdktf/provider-talos/lib/image-factory-schematic';
import type { Construct } from 'constructs';
import type { DiskImage } from '../../images/node-image';
import type { ClusterPlan } from '../model/cluster-plan';

/**
 * A schematic that is made known to the Image Factory, which builds only what it knows.
 * @param owner whose it is, for the error
 */
export const knownSchematic = (
  scope: Construct,
  plan: ClusterPlan,
  { schematic, schematicId }: DiskImage,
  owner: string,
): ImageFactorySchematic =>
  new ImageFactorySchematic(scope, 'Schematic', {
    schematic,
    lifecycle: {
      // URL and file name hold the id as it was computed here, so that a plan needs no factory. Where the factory
      // computes another, its image would not be the one that was meant.
      postcondition: [
        {
          condition: `\${self.id == "${schematicId}"}`,
          errorMessage: `The Image Factory gave the schematic of ${owner} the id \${self.id}, and not ${schematicId}, as computed from the same text. Is ${plan.images.factory} an Image Factory of Talos ${plan.versions.talos}?`,
        },
      ],
    },
  });
