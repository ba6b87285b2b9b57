import type { Cluster } from '../cluster';
import { badParameters, failure, forbidden } from '../errors';
import { splitList } from '../schema/validate';
import { checkVolumeAccess } from '../storage/volume-access';
import { parseVolumeName, tryParseVolumeId } from '../storage/volume-id';
import { type Drive, isCdrom, isCloudInit, isDrive, newDisk, parseDrive } from './drives';
import { parseNet } from './network-devices';

/** Who asks for what on which VM; a pool counts only while the VM is made in it. */
export interface Asker {
  readonly cluster: Cluster;
  readonly user: string;
  readonly vmid: number;
  readonly pool?: string | undefined;
}

/** Options by the privilege that they need: qemu-server src/PVE/API2/Qemu.pm, $cpuoptions and its siblings. */
const OPTIONS: Readonly<Record<string, RegExp>> = {
  'VM.Config.CPU': /^(cores|cpu|runningcpu|cpulimit|cpuunits|numa\d*|smp|sockets|vcpus)$/,
  'VM.Config.Memory': /^(memory|balloon|shares|allow-ksm)$/,
  'VM.Config.HWType': /^(acpi|hotplug|kvm|machine|runningmachine|scsihw|smbios1|tablet|vga|watchdog|audio0|rng0)$/,
  'VM.Config.Options':
    /^(agent|autostart|bios|description|keyboard|localtime|migrate_downtime|migrate_speed|name|onboot|ostype|protection|reboot|startdate|startup|tdf|template)$/,
  'VM.PowerMgmt': /^freeze$/,
  'VM.Config.Disk': /^(boot|bootdisk|vmstatestorage)$/,
  'VM.Config.Network': /^net\d+$/,
};
const CLOUD_INIT = /^(cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
/** Their privilege depends on the value. */
const ELSEWHERE = /^(cdrom|tags|(unused|serial|usb|hostpci|virtiofs)\d+)$/;

/** $check_vm_modify_config_perm, ibid. @throws ApiError 403, or 500 `only root can set '<option>' config` */
export const checkOptions = ({ cluster: { access }, user, vmid, pool }: Asker, keys: readonly string[]): void => {
  if (user === 'root@pam') return;
  for (const key of [...keys].sort()) {
    if (isDrive(key) || ELSEWHERE.test(key)) continue;
    const privilege = Object.keys(OPTIONS).find((name) => OPTIONS[name]?.test(key));
    if (privilege !== undefined) access.checkVm(user, vmid, pool, privilege);
    else if (CLOUD_INIT.test(key)) access.checkVmAny(user, vmid, pool, 'VM.Config.Cloudinit', 'VM.Config.Network');
    else throw failure(`only root can set '${key}' config`);
    if (key === 'startup') access.check(user, '/', 'Sys.Modify');
  }
};

/** A drive that is there, was there or shall be: $check_drive_perms, ibid. */
export const checkDriveChange = ({ cluster: { access }, user, vmid }: Asker, drive: Drive): void => {
  if (isCloudInit(drive)) access.checkVm(user, vmid, undefined, 'VM.Config.Cloudinit', 'VM.Config.CDROM');
  else if (isCdrom(drive)) access.checkVm(user, vmid, undefined, 'VM.Config.CDROM');
  else access.checkVm(user, vmid, undefined, 'VM.Config.Disk');
};

const checkImportSource = ({ cluster, user, vmid }: Asker, key: string, source: string): void => {
  const volume = tryParseVolumeId(source);
  if (volume !== undefined) {
    const { content, ...rest } = parseVolumeName(volume.name);
    cluster.storages.get(volume.storage);
    if (content !== 'images' && content !== 'import') {
      throw badParameters({ [key]: `${source} has wrong type '${content}' - needs to be 'images' or 'import'` });
    }
    if ('vmid' in rest) {
      cluster.access.check(user, `/vms/${rest.vmid}`, 'VM.Clone');
      return;
    }
  }
  checkVolumeAccess(cluster.access, user, vmid, source);
};

/** $check_storage_access, ibid. @throws ApiError 400, 403 or 500 */
export const checkStorageAccess = (
  asker: Asker,
  settings: Readonly<Record<string, string>>,
  defaultStorage?: string,
): void => {
  const { cluster, user, vmid } = asker;
  for (const key of Object.keys(settings).filter(isDrive).sort()) {
    const drive = parseDrive(cluster.schema, key, settings[key] ?? '');
    const file = drive['file'] ?? '';
    const fresh = newDisk(file);
    if (file === 'none' || isCloudInit(drive)) continue;
    if (isCdrom(drive) && file === 'cdrom') cluster.access.check(user, '/', 'Sys.Console');
    else if (!isCdrom(drive) && fresh !== undefined) {
      const name = fresh.storage ?? defaultStorage;
      if (name === undefined) throw failure('no storage ID specified (and no default storage)');
      cluster.access.check(user, `/storage/${name}`, 'Datastore.AllocateSpace');
      if (!cluster.storages.get(name).content.includes('images')) {
        throw badParameters({ storage: `storage '${name}' does not support vm images` });
      }
    } else {
      checkVolumeAccess(cluster.access, user, vmid, file);
      const { content } = parseVolumeName(tryParseVolumeId(file)?.name ?? '');
      if (content !== 'images' && content !== 'iso')
        throw badParameters({ [key]: "content type needs to be 'images' or 'iso'" });
    }
    if (drive['import-from'] !== undefined) checkImportSource(asker, key, drive['import-from']);
  }
};

/** SDN.Use on every bridge, or on the VLANs that are used of it: pve-guest-common GuestHelpers.pm check_vnet_access. */
export const checkBridges = ({ cluster, user }: Asker, settings: Readonly<Record<string, string>>): void => {
  if (user === 'root@pam') return;
  for (const key of Object.keys(settings)
    .filter((name) => /^net\d+$/.test(name))
    .sort()) {
    const { bridge, tag, trunks } = parseNet(cluster.schema, settings[key] ?? '');
    if (bridge === undefined) continue;
    const path = `/sdn/zones/localnetwork/${bridge}`;
    const tags = [...(tag === undefined ? [] : [tag]), ...splitList(trunks)];
    for (const vlan of tags) cluster.access.check(user, `${path}/${vlan}`, 'SDN.Use');
    if (tags.length === 0) cluster.access.check(user, path, 'SDN.Use');
  }
};

/** Serial ports, USB and PCI devices, shared folders: check_vm_create_serial_perm and its siblings, ibid. */
export const checkDevices = (
  { cluster: { access }, user, vmid, pool }: Asker,
  settings: Readonly<Record<string, string>>,
): void => {
  if (user === 'root@pam') return;
  for (const [key, value] of Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, kind] = /^(serial|usb|hostpci|virtiofs)\d+$/.exec(key) ?? [];
    if (kind === undefined) continue;
    access.checkVm(user, vmid, pool, kind === 'virtiofs' ? 'VM.Config.Disk' : 'VM.Config.HWType');
    const mapping = /(?:^|,)(?:mapping|dirid)=([^,]+)/.exec(value)?.[1];
    if (kind === 'virtiofs') access.check(user, `/mapping/dir/${mapping ?? value.split(',')[0] ?? ''}`, 'Mapping.Use');
    else if (kind !== 'serial' && mapping !== undefined)
      access.check(user, `/mapping/${kind === 'usb' ? 'usb' : 'pci'}/${mapping}`, 'Mapping.Use');
    else if (value !== 'socket' && !(kind === 'usb' && /^(host=)?spice/i.test(value))) {
      throw failure(`only root can set '${key}' config for ${kind === 'hostpci' ? 'non-mapped' : 'real'} devices`);
    }
  }
};

/** assert_tag_permissions of GuestHelpers.pm, with Proxmox' default of free tags. */
export const checkTags = ({ cluster: { access }, user, vmid }: Asker): void =>
  access.checkVm(user, vmid, undefined, 'VM.Config.Options');

/** @throws ApiError 403 `Permission check failed (pool '<pool>' does not exist)` */
export const checkPoolExists = ({ cluster, pool }: Asker): void => {
  if (pool !== undefined && cluster.state().pools[pool] === undefined) throw forbidden(`pool '${pool}' does not exist`);
};
