/** The one thing in a simulated Talos image that counts: what it was built from. */
export interface DiskImage {
  /** With leading `v`, as the factory's URLs have it. */
  readonly talosVersion: string;
  readonly schematicId: string;
  /** Canonical YAML of the schematic, META values included. */
  readonly schematic: string;
  /** `metal`, `nocloud`. */
  readonly platform: string;
  readonly arch: 'amd64' | 'arm64';
  /** True: signed for UEFI Secure Boot (path suffix `-secureboot`). Default: false. */
  readonly secureBoot?: boolean;
}

const MAGIC = Buffer.from('QFI\xfb', 'latin1');
const HEADER_BYTES = 104;
/** A header extension type of our own ("GWLB"): readers of qcow2 skip extensions that they do not know. */
const EXTENSION = 0x47574c42;

/**
 * A qcow2 file (version 3, QEMU docs/interop/qcow2.rst) without data clusters, whose description of its
 * content travels in a header extension. `paddingBytes` makes the file larger, as a download that takes time.
 */
export const encodeDiskImage = (image: DiskImage, virtualSizeBytes: number, paddingBytes = 0): Buffer => {
  const payload = Buffer.from(JSON.stringify(image), 'utf8');
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(16, 20); // cluster bits
  header.writeBigUInt64BE(BigInt(virtualSizeBytes), 24);
  header.writeUInt32BE(4, 96); // refcount order
  header.writeUInt32BE(HEADER_BYTES, 100);
  const extension = Buffer.alloc(8);
  extension.writeUInt32BE(EXTENSION, 0);
  extension.writeUInt32BE(payload.length, 4);
  const end = Buffer.alloc(8 + ((8 - (payload.length % 8)) % 8));
  return Buffer.concat([header, extension, payload, end, Buffer.alloc(paddingBytes)]);
};

/** What stands in a qcow2 file. */
export interface DecodedDiskImage {
  readonly virtualSizeBytes: number;
  /** Undefined: a disk image that nobody here built, which boots nothing. */
  readonly image: DiskImage | undefined;
}

/** @throws Error where `file` is not a whole qcow2 file of version 3. */
export const decodeDiskImage = (file: Buffer): DecodedDiskImage => {
  if (file.length < HEADER_BYTES || !file.subarray(0, 4).equals(MAGIC))
    throw new Error('not a qcow2 image: wrong magic');
  const version = file.readUInt32BE(4);
  if (version !== 3) throw new Error(`qcow2 version ${version} is not supported`);
  const virtualSizeBytes = Number(file.readBigUInt64BE(24));
  let at = HEADER_BYTES;
  while (at + 8 <= file.length) {
    const type = file.readUInt32BE(at);
    const length = file.readUInt32BE(at + 4);
    if (type === 0) return { virtualSizeBytes, image: undefined };
    if (at + 8 + length > file.length) break;
    if (type === EXTENSION) {
      const payload = file.subarray(at + 8, at + 8 + length).toString('utf8');
      return { virtualSizeBytes, image: JSON.parse(payload) as DiskImage };
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
  throw new Error('qcow2 image is truncated: a header extension has no end');
};
