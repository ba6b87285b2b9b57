import type { AccessControl } from '../access/access-control';
import { ApiError, failure } from '../errors';
import { parseVolumeName, tryParseVolumeId } from './volume-id';

/**
 * Who may read a volume: pve-storage src/PVE/Storage.pm check_volume_access.
 * @throws ApiError 403, or 500 for a path in the file system
 */
export const checkVolumeAccess = (
  access: AccessControl,
  user: string,
  vmid: number | undefined,
  volid: string,
): void => {
  const parsed = tryParseVolumeId(volid);
  if (parsed === undefined) {
    if (user !== 'root@pam') throw failure('Only root can pass arbitrary filesystem paths.');
    return;
  }
  const volume = parseVolumeName(parsed.name);
  const path = `/storage/${parsed.storage}`;
  if (access.may(user, path, 'Datastore.Allocate')) return;
  if (volume.content === 'iso' || volume.content === 'import') {
    access.checkAny(user, path, 'Datastore.AllocateSpace', 'Datastore.Audit');
  } else if (volume.content === 'images') {
    if (volume.vmid === vmid) return;
    access.check(user, path, 'Datastore.Audit');
    access.check(user, `/vms/${volume.vmid}`, 'VM.Config.Disk');
  } else {
    throw failure(`missing privileges to access ${volid}`);
  }
};

export const mayReadVolume = (access: AccessControl, user: string, volid: string): boolean => {
  try {
    checkVolumeAccess(access, user, undefined, volid);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
};
