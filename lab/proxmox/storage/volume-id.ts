import { failure } from '../errors';

/** Content that is one file each, in a storage that has a path. */
export type ContentFile = 'import' | 'iso' | 'snippets';

const extension = (pattern: RegExp) => (name: string) => pattern.exec(name)?.[1];

/** Folders and file names: pve-storage src/PVE/Storage/Plugin.pm, get_subdir_files. */
export const FILE_CONTENT: Readonly<
  Record<ContentFile, { folder: string; format: (name: string) => string | undefined }>
> = {
  import: { folder: 'import', format: extension(/^[a-zA-Z0-9\-.+=_]+\.(ova|ovf|qcow2|raw|vmdk)$/) },
  iso: { folder: 'template/iso', format: (name) => (/\.(iso|img)$/i.test(name) ? 'iso' : undefined) },
  snippets: { folder: 'snippets', format: () => 'snippet' },
};

export interface VolumeId {
  readonly storage: string;
  /** As `import/talos.qcow2`, `100/vm-100-disk-0.qcow2`, `vm-100-disk-0`. */
  readonly name: string;
}

export const tryParseVolumeId = (volid: string): VolumeId | undefined => {
  const [, storage, name] = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i.exec(volid) ?? [];
  return storage === undefined || name === undefined ? undefined : { storage, name };
};

/** @throws ApiError 500 */
export const parseVolumeId = (volid: string): VolumeId => {
  const parsed = tryParseVolumeId(volid);
  if (parsed === undefined) throw failure(`unable to parse volume ID '${volid}'`);
  return parsed;
};

export type VolumeName =
  | { readonly content: 'images'; readonly vmid: number; readonly format: string }
  | { readonly content: ContentFile; readonly file: string; readonly format: string };

/** @throws ApiError 500 where it is no name that a storage gives */
export const parseVolumeName = (name: string): VolumeName => {
  const [, inFolder, format] = /^(\d+)\/\S+\.(raw|qcow2|vmdk)$/.exec(name) ?? [];
  if (inFolder !== undefined) return { content: 'images', vmid: Number(inFolder), format: format ?? 'raw' };
  const [, block] = /^(?:vm|base)-(\d+)-\S+$/.exec(name) ?? [];
  if (block !== undefined) return { content: 'images', vmid: Number(block), format: 'raw' };
  const [, kind = '', file = ''] = /^(import|iso|snippets)\/([^/]+)$/.exec(name) ?? [];
  const content = FILE_CONTENT[kind as ContentFile] as (typeof FILE_CONTENT)[ContentFile] | undefined;
  const found = content?.format(file);
  if (found !== undefined) return { content: kind as ContentFile, file, format: found };
  throw failure(`unable to parse directory volume name '${name}'`);
};

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `20G`, `528K`, `1306525696` in bytes; undefined where it is no size (pve-common JSONSchema.pm parse_size). */
export const parseSize = (text: string): number | undefined => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT])?(?:iB)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.floor(Number(number) * (UNITS[unit] ?? 1));
};

/** The largest unit that divides: `21474836480` is `20G` (format_size, ibid.). */
export const formatSize = (bytes: number): string => {
  for (const unit of ['T', 'G', 'M', 'K']) {
    const factor = UNITS[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
};
