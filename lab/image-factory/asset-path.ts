/** What a path under `/image/<schematic>/<version>/` asks for. */
export interface Asset {
  readonly platform: string;
  readonly arch: 'amd64' | 'arm64';
  readonly secureBoot: boolean;
}

/** Answered with 400. */
export class InvalidPath extends Error {}

/** Answered with 402, as the open edition of the factory does. */
export class EnterpriseOnly extends Error {}

const COMPRESSIONS = ['.tar.gz', '.gz', '.xz', '.zst'];
const DISK_FORMATS = ['.raw', '.qcow2', '.vhd', '.ova'];
/** Kinds that the factory knows and this stand-in does not make: no machine of the lab boots from them. */
const OTHER_KINDS =
  /^(kernel-|cmdline-|initramfs-.*\.xz$|installer-.*\.tar$|.*-installer-.*\.tar$|.*\.iso$|.*-uki\.efi$)/;

const quoted = (text: string): string => JSON.stringify(text);

/**
 * Reads a path as siderolabs/image-factory internal/profile (ParseFromPath) does.
 * @throws InvalidPath with the factory's words, EnterpriseOnly for checksums and signatures
 */
export const parseAssetPath = (path: string): Asset => {
  if (path.endsWith('.sigstore.json'))
    throw new EnterpriseOnly('enterprise signing is not enabled: signature endpoint is not available');
  if (/\.sha(256|512)$/.test(path))
    throw new EnterpriseOnly('enterprise not enabled: checksum endpoint is not available');
  const invalid = (text: string): never => {
    throw new InvalidPath(`error parsing profile from path: ${text}`);
  };
  if (OTHER_KINDS.test(path))
    return invalid(`${quoted(path)} is no disk image: the lab's factory makes qcow2 images only`);
  const compression = COMPRESSIONS.find((suffix) => path.endsWith(suffix)) ?? '';
  const bare = path.slice(0, path.length - compression.length);
  const format = DISK_FORMATS.find((suffix) => bare.endsWith(suffix));
  if (format === undefined) return invalid(`invalid profile path: ${quoted(bare)}`);
  if (format !== '.qcow2' || compression !== '')
    return invalid(`${quoted(path)} is no qcow2 image: the lab's factory makes qcow2 images only`);
  const name = bare.slice(0, -format.length);
  const secureBoot = name.endsWith('-secureboot');
  const platformArch = secureBoot ? name.slice(0, -'-secureboot'.length) : name;
  const cut = platformArch.indexOf('-');
  if (cut === -1) return invalid(`invalid platform-arch: ${quoted(platformArch)}`);
  const platform = platformArch.slice(0, cut);
  const arch = platformArch.slice(cut + 1);
  if (arch !== 'amd64' && arch !== 'arm64') return invalid(`invalid architecture: ${quoted(arch)}`);
  if (platform !== 'metal' && platform !== 'nocloud')
    return invalid(`platform ${quoted(platform)} is not made by the lab's factory: use metal or nocloud`);
  return { platform, arch, secureBoot };
};
