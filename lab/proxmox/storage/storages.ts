import { cpSync, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readDisk, writeDisk } from '../../hardware/disk';
import type { DiskImage } from '../../hardware/disk-image';
import { failure } from '../errors';
import type { ClusterState, VolumeState } from '../state';
import { type ContentFile, FILE_CONTENT, parseVolumeId, parseVolumeName } from './volume-id';

export interface StorageOptions {
  /** As `local`, `local-lvm`. */
  readonly name: string;
  /** Proxmox' storage type. */
  readonly type: 'dir' | 'nfs' | 'lvm' | 'lvmthin' | 'zfspool' | 'rbd';
  /** Content types: `images`, `import`, `iso`, `snippets`, `backup`, `vztmpl`, `rootdir`. */
  readonly content: readonly string[];
  /** True: one storage that every host sees; false: each host has its own of that name. */
  readonly shared: boolean;
  /** Absolute path of a folder of the lab. A storage that is not shared has a folder per host in it. */
  readonly path: string;
  readonly sizeBytes: number;
}

const MIB = 1024 ** 2;
/** LVM gives out whole extents: 4 MiB by default (lvm.conf, vgcreate --physicalextentsize). */
const EXTENT = 4 * MIB;

export interface VolumeRequest {
  readonly storage: StorageOptions;
  readonly node: string;
  readonly vmid: number;
  /** @default - what the storage makes by itself */
  readonly format?: string;
  /** @default - the next free `vm-<vmid>-disk-<n>` */
  readonly name?: string;
  readonly sizeBytes: number;
  readonly writtenBytes: number;
  readonly image: DiskImage | null;
}

/** The storages of all hosts: pve-storage src/PVE/Storage.pm and its plugins. */
export class Storages {
  readonly #options: ReadonlyMap<string, StorageOptions>;

  constructor(
    options: readonly StorageOptions[],
    private readonly state: () => ClusterState,
    private readonly now: () => number,
  ) {
    this.#options = new Map(options.map((storage) => [storage.name, storage]));
  }

  all(): readonly StorageOptions[] {
    return [...this.#options.values()];
  }

  /** @throws ApiError 500 */
  get(name: string): StorageOptions {
    const storage = this.#options.get(name);
    if (storage === undefined) throw failure(`storage '${name}' does not exist`);
    return storage;
  }

  fileBased({ type }: StorageOptions): boolean {
    return type === 'dir' || type === 'nfs';
  }

  /** What a disk is made as where no format is asked for. */
  defaultFormat(storage: StorageOptions): string {
    return this.fileBased(storage) ? 'qcow2' : 'raw';
  }

  folder(storage: StorageOptions, node: string): string {
    return storage.shared ? storage.path : join(storage.path, node);
  }

  /** Folder of a content type, made when missing. */
  contentFolder(storage: StorageOptions, node: string, content: ContentFile): string {
    const path = join(this.folder(storage, node), FILE_CONTENT[content].folder);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Images, ISOs and the like: plain files. */
  files(
    storage: StorageOptions,
    node: string,
    content: ContentFile,
  ): { volid: string; name: string; path: string; format: string; size: number; ctime: number }[] {
    if (!this.fileBased(storage)) return [];
    const folder = join(this.folder(storage, node), FILE_CONTENT[content].folder);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const format = FILE_CONTENT[content].format(name);
        if (format === undefined) return [];
        const path = join(folder, name);
        const { size, ctimeMs } = statSync(path);
        return [
          { volid: `${storage.name}:${content}/${name}`, name, path, format, size, ctime: Math.floor(ctimeMs / 1000) },
        ];
      });
  }

  /** Path of an image file. @throws ApiError 500 where it is none */
  filePath(volid: string, node: string): string {
    const { storage, name } = parseVolumeId(volid);
    const parsed = parseVolumeName(name);
    if (parsed.content === 'images') throw failure(`volume '${volid}' is no file`);
    return join(this.folder(this.get(storage), node), FILE_CONTENT[parsed.content].folder, parsed.file);
  }

  volumes(storage: StorageOptions, node: string): readonly VolumeState[] {
    return this.state().volumes.filter(
      (volume) => volume.storage === storage.name && (volume.node === null || volume.node === node),
    );
  }

  findVolume(volid: string, node: string): VolumeState | undefined {
    const { storage, name } = parseVolumeId(volid);
    return this.volumes(this.get(storage), node).find((volume) => volume.name === name);
  }

  /** @throws ApiError 500 */
  volume(volid: string, node: string): VolumeState {
    const volume = this.findVolume(volid, node);
    if (volume === undefined) throw failure(`no such volume '${volid}': disk image does not exist`);
    return volume;
  }

  volidOf({ storage, name }: VolumeState): string {
    return `${storage}:${name}`;
  }

  /** What is written, in bytes: files in full, of disks what was imported, since all of these storages are thin. */
  used(storage: StorageOptions, node: string): number {
    const contents = Object.keys(FILE_CONTENT) as ContentFile[];
    const files = contents
      .flatMap((content) => this.files(storage, node, content))
      .reduce((sum, { size }) => sum + size, 0);
    return this.volumes(storage, node).reduce((sum, { writtenBytes }) => sum + writtenBytes, files);
  }

  free(storage: StorageOptions, node: string): number {
    return Math.max(0, storage.sizeBytes - this.used(storage, node));
  }

  #nextName(storage: StorageOptions, node: string, vmid: number, format: string): string {
    const taken = new Set(this.volumes(storage, node).map(({ name }) => name));
    for (let n = 0; ; n += 1) {
      const name = this.fileBased(storage) ? `${vmid}/vm-${vmid}-disk-${n}.${format}` : `vm-${vmid}-disk-${n}`;
      if (!taken.has(name)) return name;
    }
  }

  /**
   * Makes a disk. `writtenBytes` is what its content takes.
   * @throws ApiError 500 where the storage holds no disks, or not in this format
   */
  allocate(request: VolumeRequest): VolumeState {
    const { storage, node, vmid, writtenBytes, image } = request;
    const format = request.format ?? this.defaultFormat(storage);
    if (!this.fileBased(storage) && format !== 'raw') throw failure(`unsupported format '${format}'`);
    const lvm = storage.type === 'lvm' || storage.type === 'lvmthin';
    const sizeBytes = lvm ? Math.ceil(request.sizeBytes / EXTENT) * EXTENT : request.sizeBytes;
    const name = request.name ?? this.#nextName(storage, node, vmid, format);
    const path = join(this.folder(storage, node), this.fileBased(storage) ? 'images' : '', name);
    writeDisk(path, { sizeBytes, image });
    const ctime = Math.floor(this.now() / 1000);
    const volume: VolumeState = {
      storage: storage.name,
      node: storage.shared ? null : node,
      name,
      vmid,
      format,
      sizeBytes,
      writtenBytes,
      path,
      ctime,
    };
    this.state().volumes.push(volume);
    return volume;
  }

  /** A new disk with what another one holds, the guest's partitions included. */
  copy(from: VolumeState, request: VolumeRequest): VolumeState {
    const volume = this.allocate(request);
    cpSync(from.path, volume.path, { recursive: true });
    writeDisk(volume.path, { sizeBytes: volume.sizeBytes, image: request.image });
    return volume;
  }

  resize(volume: VolumeState, sizeBytes: number): void {
    volume.sizeBytes = sizeBytes;
    writeDisk(volume.path, { ...readDisk(volume.path), sizeBytes });
  }

  /** Removes a disk, and the VM's folder when it was the last one in it. */
  remove(volume: VolumeState): void {
    const state = this.state();
    state.volumes = state.volumes.filter((other) => other !== volume);
    rmSync(volume.path, { recursive: true, force: true });
    const folder = dirname(volume.path);
    if (basename(folder) === String(volume.vmid) && existsSync(folder) && readdirSync(folder).length === 0)
      rmdirSync(folder);
  }
}
