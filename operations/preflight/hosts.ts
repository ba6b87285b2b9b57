import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { bridgesOf, diskStoragesOf } from './equipment';
import { fail, type Check, type Finding, pass, skip } from './finding';
import { isOnline, look, mayAny, type HostEntry, type Look, type Reader } from './look';

/** Storage types whose volumes are files, to which an image can be downloaded: pve-storage src/PVE/Storage/*Plugin.pm. */
const FILE_TYPES: readonly string[] = ['btrfs', 'cephfs', 'cifs', 'dir', 'glusterfs', 'nfs'];

interface StorageEntry {
  readonly storage: string;
  readonly type: string;
  /** Separated by commas. */
  readonly content: string;
}

/** Every planned host is there, and answers. */
export const checkHosts = ({ proxmox }: ClusterPlan, hosts: Look<readonly HostEntry[]>): Finding[] => {
  if ('why' in hosts) return [skip('hosts', hosts.why)];
  const known = hosts.data.map(({ node }) => node).sort();
  return proxmox.hosts.map((name) => {
    const host = hosts.data.find(({ node }) => node === name);
    if (host === undefined) {
      return fail('hosts', `Proxmox has no host ${name}`, `name one of these in proxmox.hosts: ${known.join(', ')}`);
    }
    if (host.status === 'online') return pass('hosts', `${name} is online`);
    return fail('hosts', `${name} is ${host.status}`, `start ${name}, or take it out of proxmox.hosts`);
  });
};

/** A storage of the cluster, and what it must be. */
interface Wanted {
  readonly check: Check;
  /** Field of the spec. */
  readonly field: string;
  readonly storage: string;
  readonly content: string;
  readonly isFiles: boolean;
}

const DISKS = { check: 'disk-storage', content: 'images', isFiles: false } as const;

const checkStorage = async (reader: Reader, host: string, wanted: Wanted): Promise<Finding> => {
  const { check, field, storage, content, isFiles } = wanted;
  const path = `/storage/${storage}`;
  const list = await look<readonly StorageEntry[]>(reader, `/nodes/${host}/storage`);
  if ('why' in list) return skip(check, list.why);
  const found = list.data.find((entry) => entry.storage === storage);
  if (found === undefined) {
    return (await mayAny(reader, path, 'Datastore.Audit', 'Datastore.AllocateSpace'))
      ? fail(check, `${host} has no storage ${storage}`, `name one that it has in ${field}`)
      : skip(check, `the token may not see ${storage} on ${host}`, `give the token Datastore.Audit on ${path}`);
  }
  const types = found.content.split(',');
  if (isFiles && !FILE_TYPES.includes(found.type)) {
    const fix = `name a storage of one of these types in ${field}: ${FILE_TYPES.join(', ')}`;
    return fail(check, `${storage} on ${host} is of type ${found.type}, which holds no files`, fix);
  }
  if (!types.includes(content)) {
    const fix = `pvesm set ${storage} --content ${[...types, content].sort().join(',')}`;
    return fail(check, `${storage} on ${host} has no content type ${content}`, fix);
  }
  return pass(check, `${storage} on ${host} is of type ${found.type} and has content type ${content}`);
};

const checkBridge = async (reader: Reader, host: string, bridge: string): Promise<Finding> => {
  const list = await look<readonly { readonly iface: string }[]>(reader, `/nodes/${host}/network`, {
    type: 'any_bridge',
  });
  if ('why' in list) return skip('bridge', list.why);
  if (list.data.some(({ iface }) => iface === bridge)) return pass('bridge', `${host} has bridge ${bridge}`);
  const path = `/sdn/zones/localnetwork/${bridge}`;
  return (await mayAny(reader, path, 'SDN.Use', 'SDN.Audit'))
    ? fail('bridge', `${host} has no bridge ${bridge}`, 'make it there, or name another in the spec')
    : skip('bridge', `the token may not see bridge ${bridge} of ${host}`, `give the token SDN.Use on ${path}`);
};

/** What a host must have; of one that does not answer nothing can be said. */
export const checkEquipment = async (
  plan: ClusterPlan,
  hosts: Look<readonly HostEntry[]>,
  reader: Reader,
): Promise<Finding[]> => {
  const { proxmox } = plan;
  const images = { check: 'image-storage', field: 'proxmox.imageStorage', storage: proxmox.imageStorage } as const;
  const found = await Promise.all(
    proxmox.hosts.map((host) =>
      isOnline(host, hosts)
        ? Promise.all([
            checkStorage(reader, host, { ...images, content: 'import', isFiles: true }),
            ...diskStoragesOf(plan).map((storage) => {
              const field = storage === proxmox.diskStorage ? 'proxmox.diskStorage' : 'storage of the disks';
              return checkStorage(reader, host, { ...DISKS, field, storage });
            }),
            ...bridgesOf(plan).map((bridge) => checkBridge(reader, host, bridge)),
          ])
        : Promise.resolve(
            (['image-storage', 'disk-storage', 'bridge'] as const).map((check) => skip(check, `${host} is not online`)),
          ),
    ),
  );
  return found.flat();
};
