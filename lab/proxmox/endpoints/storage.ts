import { existsSync, rmSync, statSync } from 'node:fs';
import { type Call, type Endpoint, given } from '../cluster';
import { badParameters, failure } from '../errors';
import { readImage } from '../guest/disks';
import { splitList } from '../schema/validate';
import { downloadUrl } from '../storage/download';
import { checkVolumeAccess, mayReadVolume } from '../storage/volume-access';
import type { StorageOptions } from '../storage/storages';
import { type ContentFile, FILE_CONTENT, parseVolumeName, tryParseVolumeId } from '../storage/volume-id';

const STATUS = 'pve-storage src/PVE/API2/Storage/Status.pm';
const CONTENT = 'pve-storage src/PVE/API2/Storage/Content.pm';

const summary = ({ cluster, node }: Call, storage: StorageOptions): Record<string, unknown> => {
  const total = storage.sizeBytes;
  const used = cluster.storages.used(storage, node);
  return {
    ...{
      type: storage.type,
      content: storage.content.join(','),
      shared: storage.shared ? 1 : 0,
      active: 1,
      enabled: 1,
    },
    ...{ total, used, avail: Math.max(0, total - used) },
  };
};

const list = (call: Call): unknown[] => {
  const { cluster, user, node, parameters } = call;
  const wanted = splitList(parameters['content']);
  const found = cluster.storages
    .all()
    .filter(({ content }) => wanted.length === 0 || wanted.some((type) => content.includes(type)));
  const { storage: only, target } = parameters;
  if (only !== undefined && !found.some(({ name }) => name === only))
    throw badParameters({ storage: 'No such storage.' });
  return found
    .filter(({ name }) => cluster.access.mayAny(user, `/storage/${name}`, 'Datastore.Audit', 'Datastore.AllocateSpace'))
    .filter(
      ({ name, shared }) =>
        (only === undefined || name === only) && (target === undefined || target === node || shared),
    )
    .map((storage) => {
      const entry = summary(call, storage);
      return { storage: storage.name, ...entry, used_fraction: Number(entry['used']) / storage.sizeBytes };
    });
};

const status = (call: Call): unknown => summary(call, call.cluster.storages.get(given(call, 'storage')));

const contents = (call: Call): unknown[] => {
  const { cluster, node, user, parameters } = call;
  const storage = cluster.storages.get(given(call, 'storage'));
  const { content: wanted, vmid } = parameters;
  const files = (Object.keys(FILE_CONTENT) as ContentFile[])
    .filter(
      (content) =>
        storage.content.includes(content) &&
        (wanted === undefined || wanted === content) &&
        (vmid === undefined || content !== 'iso'),
    )
    .flatMap((content) =>
      cluster.storages
        .files(storage, node, content)
        .map(({ volid, format, size, ctime }) => ({ volid, content, format, size, ctime })),
    );
  const disks = cluster.storages
    .volumes(storage, node)
    .filter(
      (volume) => (wanted === undefined || wanted === 'images') && (vmid === undefined || volume.vmid === Number(vmid)),
    )
    .map((volume) => ({
      ...{ volid: cluster.storages.volidOf(volume), content: 'images', format: volume.format, size: volume.sizeBytes },
      ...{
        vmid: volume.vmid,
        ctime: volume.ctime,
        ...(cluster.storages.fileBased(storage) ? { used: volume.writtenBytes } : {}),
      },
    }));
  return [...disks, ...files].filter(({ volid }) => mayReadVolume(cluster.access, user, volid));
};

/** A volume may be given with or without its storage. */
const volidOf = (call: Call): string => {
  const storage = given(call, 'storage');
  const volume = given(call, 'volume');
  if (!volume.includes(':')) return `${storage}:${volume}`;
  const parsed = tryParseVolumeId(volume);
  if (parsed === undefined) throw badParameters({ volume: `unable to parse volume ID '${volume}'\n` });
  if (parsed.storage !== storage)
    throw badParameters({ volume: `storage ID mismatch (${parsed.storage} != ${storage})\n` });
  return volume;
};

const info = (call: Call): unknown => {
  const { cluster, node, user } = call;
  const volid = volidOf(call);
  checkVolumeAccess(cluster.access, user, undefined, volid);
  const name = parseVolumeName(tryParseVolumeId(volid)?.name ?? '');
  if (name.content === 'images') {
    const { path, sizeBytes, writtenBytes, format } = cluster.storages.volume(volid, node);
    return { path, size: sizeBytes, used: writtenBytes, format };
  }
  const path = cluster.storages.filePath(volid, node);
  if (!existsSync(path)) throw failure(`volume_size_info on '${volid}' failed - no format`);
  const size =
    name.content === 'import' ? readImage(path, name.format, () => undefined).sizeBytes : statSync(path).size;
  return { path, size, used: statSync(path).size, format: name.content === 'import' ? name.format : 'raw' };
};

/** Deletes a file or disk. A file that is not there is no error: free_image of src/PVE/Storage/Plugin.pm only warns. */
const remove = async (call: Call): Promise<string | null> => {
  const { cluster, node, user } = call;
  const volid = volidOf(call);
  const name = parseVolumeName(tryParseVolumeId(volid)?.name ?? '');
  const storage = cluster.storages.get(given(call, 'storage'));
  cluster.access.check(user, `/storage/${storage.name}`, 'Datastore.Allocate');
  const upid = call.fork(`${name.content === 'images' ? `${name.vmid}@` : ''}${storage.name}`, (worker) => {
    if (name.content === 'images') {
      cluster.storages.remove(cluster.storages.volume(volid, node));
    } else {
      const path = cluster.storages.filePath(volid, node);
      if (!existsSync(path)) worker.log(`disk image '${path}' does not exist`);
      rmSync(path, { force: true });
    }
    worker.log(`Removed volume '${volid}'`);
  });
  if (call.parameters['delay'] === undefined) return upid;
  await cluster.tasks.settle(upid);
  return cluster.tasks.find(node, upid).exitstatus === 'OK' ? null : upid;
};

const AT = '/nodes/{node}/storage/{storage}';

export const STORAGE: readonly Endpoint[] = [
  { method: 'GET', path: '/nodes/{node}/storage', effect: list, source: `${STATUS}, index` },
  { method: 'GET', path: `${AT}/status`, effect: status, source: `${STATUS}, read_status` },
  {
    method: 'POST',
    path: `${AT}/download-url`,
    task: { type: 'download', takes: 'image-download' },
    effect: downloadUrl,
    source: `${STATUS}, download_url`,
  },
  { method: 'GET', path: `${AT}/content`, effect: contents, source: `${CONTENT}, index` },
  { method: 'GET', path: `${AT}/content/{volume}`, effect: info, source: `${CONTENT}, info` },
  {
    method: 'DELETE',
    path: `${AT}/content/{volume}`,
    task: { type: 'imgdel' },
    effect: remove,
    source: `${CONTENT}, delete`,
  },
];
