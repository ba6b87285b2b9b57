import { stringify } from 'yaml';
import type { ClusterPlan, MachineConfigPatch, NodePlan } from '../model/cluster-plan';
import { encryption } from './disk-encryption';
import { addedDocuments } from './user-patches';

/**
 * A disk is found by its slot, since udev's name for it under Proxmox holds that.
 * Source: docs.siderolabs.com, Talos 1.13, "UserVolumeConfig" and "Disk management".
 */
const userVolumes = ({ talos }: ClusterPlan, { disks }: NodePlan): MachineConfigPatch[] =>
  disks.map(({ name, slot, filesystem }) => ({
    apiVersion: 'v1alpha1',
    kind: 'UserVolumeConfig',
    name,
    provisioning: {
      diskSelector: { match: `'/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi${slot}' in disk.symlinks` },
      minSize: '512MiB',
      grow: true,
    },
    filesystem: { type: filesystem },
    ...encryption(talos.diskEncryption),
  }));

/** What names a document in a config: Talos refuses two that are alike. */
const titleOf = ({ kind, name }: MachineConfigPatch): string => JSON.stringify([kind, name]);

/**
 * Documents to append to a machine config, each behind its `---`: kinds that are newer than what a provider may know, which
 * passes the text on unread. Of two of one kind and name the later counts, as a whole: that of the node before that of its
 * pool, and that of a patch before one of ours.
 */
export const appendedDocuments = (plan: ClusterPlan, node: NodePlan): string => {
  const documents = new Map(
    [...userVolumes(plan, node), ...addedDocuments(node)].map((document) => [titleOf(document), document]),
  );
  return [...documents.values()].map((document) => `---\n${stringify(document, { lineWidth: 0 })}`).join('');
};
