import { DownloadFile } from '@cdktf/provider-proxmox/lib/download-file';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { DiskImage } from '../../images/node-image';
import type { ClusterPlan } from '../model/cluster-plan';

/** Seconds for a factory to build an image that it has not built before, and for a slow link to bring it. */
const DOWNLOAD_SECONDS = 1800;

export interface ImageFileProps {
  readonly plan: ClusterPlan;
  readonly image: DiskImage;
  /** The Proxmox host that downloads it. */
  readonly host: string;
  /** The factory builds only what it knows; the URL does not refer to the schematic, since it holds the id itself. */
  readonly known: ITerraformDependable;
}

/** A disk image in Proxmox' storage, downloaded by the host itself. */
export const imageFile = (scope: Construct, id: string, { plan, image, host, known }: ImageFileProps): DownloadFile => {
  const { imageStorage, sharedStorages } = plan.proxmox;
  return new DownloadFile(scope, id, {
    nodeName: host,
    datastoreId: imageStorage,
    contentType: 'import',
    fileName: image.fileName,
    url: image.url,
    verify: !plan.images.insecure,
    uploadTimeout: DOWNLOAD_SECONDS,
    // The name says what is in it: what is there is right. With `overwrite` the provider would ask the factory for the
    // size at every plan, and make the file anew where the answers differ.
    overwrite: false,
    // A deploy that was cut off may have left the file without the state knowing of it: it is deleted and loaded again
    // (proxmox_download_file, "overwrite_unmanaged"). Nobody else's goes by that (T-10): the name has the schematic's id, which holds
    // the node's own address, or, where nodes share it, the cluster's name; and no VM needs it any more, since a disk is a
    // copy. A node that moves takes no second one on a storage that hosts share: below.
    overwriteUnmanaged: true,
    dependsOn: [known],
    lifecycle: {
      createBeforeDestroy: true,
      // There the file is the same from every host: by another one it would be downloaded again, beside itself.
      ...(sharedStorages.includes(imageStorage) && { ignoreChanges: ['node_name'] }),
    },
  });
};
