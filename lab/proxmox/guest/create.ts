import { createHash } from 'node:crypto';
import type { Call, Cluster } from '../cluster';
import { given, vmidOf } from '../cluster';
import { failure, forbidden, messageOf } from '../errors';
import { splitList } from '../schema/validate';
import type { GuestConfig } from '../state';
import { createDisks } from './disks';
import { bootable, checkImport, isCdrom, isDrive, parseDrive } from './drives';
import { parseNet, printNet, withMac } from './network-devices';
import { startMachine } from './power';
import {
  type Asker,
  checkBridges,
  checkDevices,
  checkOptions,
  checkPoolExists,
  checkStorageAccess,
  checkTags,
} from './privileges';

/** Parameters of the call that are no settings of the VM. */
const NOT_CONFIG =
  /^(node|vmid|archive|bwlimit|force|pool|start|ha-managed|storage|unique|live-restore|import-working-storage|delete|revert|digest|skiplock|background_delay)$/;

/** What the call says about the VM itself; `cdrom` is another name for ide2. */
export const settingsOf = ({ parameters }: Pick<Call, 'parameters'>): GuestConfig => {
  const settings = Object.fromEntries(Object.entries(parameters).filter(([key]) => !NOT_CONFIG.test(key)));
  const { cdrom, ...rest } = settings;
  return cdrom === undefined ? rest : { ...rest, ide2: cdrom.includes('media=cdrom') ? cdrom : `${cdrom},media=cdrom` };
};

/** Checks drives, completes network devices: what create and update do alike before they change anything. */
export const prepare = ({ schema, randomBytes }: Cluster, settings: GuestConfig): GuestConfig => {
  const prepared = { ...settings };
  for (const [key, text] of Object.entries(settings)) {
    if (isDrive(key)) checkImport(key, parseDrive(schema, key, text));
    else if (/^net\d+$/.test(key)) prepared[key] = printNet(withMac(parseNet(schema, text), randomBytes));
    else if (key === 'tags') prepared[key] = uniqueTags(text);
    else if (key === 'cipassword') prepared[key] = `$5$lab$${createHash('sha256').update(text).digest('base64')}`;
  }
  return prepared;
};

/** Lower case, sorted, each once: pve-guest-common GuestHelpers.pm get_unique_tags. */
export const uniqueTags = (text: string): string => [...new Set(splitList(text.toLowerCase()))].sort().join(';');

const uuid = (randomBytes: Cluster['randomBytes']): string => {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const defaultBoot = ({ schema }: Cluster, config: GuestConfig): string => {
  const drives = bootable(Object.keys(config));
  const cdrom = drives.find((key) => isCdrom(parseDrive(schema, key, config[key] ?? '')));
  const disk = drives.find((key) => !isCdrom(parseDrive(schema, key, config[key] ?? '')));
  const net = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()[0];
  return `order=${[disk, cdrom, net].filter((key) => key !== undefined).join(';')}`;
};

/** What Proxmox adds to a new config. */
const generated = (cluster: Cluster, config: GuestConfig): GuestConfig => ({
  meta: `creation-qemu=${cluster.major === 9 ? '11.0.0' : '9.2.0'},ctime=${Math.floor(cluster.clock.now() / 1000)}`,
  ...(config['boot'] === undefined ? { boot: defaultBoot(cluster, config) } : {}),
  ...(config['smbios1'] === undefined ? { smbios1: `uuid=${uuid(cluster.randomBytes)}` } : {}),
  ...(config['vmgenid'] === undefined || config['vmgenid'] === '1' ? { vmgenid: uuid(cluster.randomBytes) } : {}),
});

const checkCreate = (call: Call, asker: Asker, settings: GuestConfig): void => {
  const { cluster, user, parameters } = call;
  const { vmid, pool } = asker;
  checkPoolExists(asker);
  if (parameters['storage'] !== undefined)
    cluster.access.check(user, `/storage/${parameters['storage']}`, 'Datastore.AllocateSpace');
  if (parameters['ha-managed'] === '1') cluster.access.check(user, '/', 'Sys.Console');
  if (parameters['start'] === '1') cluster.access.checkVm(user, vmid, pool, 'VM.PowerMgmt');
  const mayAllocate =
    cluster.access.may(user, `/vms/${vmid}`, 'VM.Allocate') ||
    (pool !== undefined && cluster.access.may(user, `/pool/${pool}`, 'VM.Allocate'));
  if (!mayAllocate) throw forbidden();
  if (parameters['archive'] !== undefined) throw failure('restore from a backup archive is not simulated');
  checkStorageAccess(asker, settings, parameters['storage']);
  checkOptions(asker, Object.keys(settings));
  checkDevices(asker, settings);
  checkBridges(asker, settings);
};

/** POST /nodes/{node}/qemu. The config exists, locked, while the task runs; nothing is left where it fails. */
export const createVm = (call: Call): string => {
  const { cluster, node, user, parameters } = call;
  const vmid = vmidOf(call);
  const asker: Asker = { cluster, user, vmid, pool: parameters['pool'] };
  const asked = settingsOf(call);
  checkCreate(call, asker, asked);
  const settings = prepare(cluster, asked);
  const guest = cluster.guests.create(node, vmid);
  return call.fork(vmid, async (worker) => {
    try {
      await cluster.guests.locked(vmid, async () => {
        const disks = await createDisks({
          cluster,
          worker,
          user,
          node,
          vmid,
          settings,
          defaultStorage: parameters['storage'],
        });
        try {
          if (settings['tags'] !== undefined) checkTags(asker);
        } catch (error) {
          for (const volume of cluster.state().volumes.filter((candidate) => candidate.vmid === vmid))
            cluster.storages.remove(volume);
          throw failure(`403 ${messageOf(error)}`);
        }
        const config = { ...settings, ...disks };
        guest.config = { ...config, ...generated(cluster, config) };
        if (asker.pool !== undefined) cluster.state().pools[asker.pool]?.vms.push(vmid);
      });
    } catch (error) {
      cluster.guests.remove(vmid);
      throw failure(`unable to create VM ${vmid} - ${messageOf(error)}`);
    }
    if (parameters['ha-managed'] === '1') {
      const state = parameters['start'] === '1' ? 'started' : 'stopped';
      cluster.state().ha.resources[`vm:${vmid}`] = { type: 'vm', state };
    }
    if (given(call, 'start') === '1') await cluster.guests.locked(vmid, () => startMachine(cluster, node, vmid));
  });
};
