/** Reads bytes of the file. @throws Error where it ends before */
export type ReadAt = (offset: number, length: number) => Buffer;

/** Source of the layout: etcd-io/bbolt at v1.4, internal/common/{meta,page,inode,bucket}.go; little endian. */
const MAGIC = 0xed0cdaed;
const VERSION = 2;
const HEADER = 16;
const ELEMENT = 16;
const BRANCH = 0x01;
const LEAF = 0x02;
/** etcd keeps each change under its revision. Source: server/storage/schema/bucket.go, at v3.6.5. */
const KEY_BUCKET = Buffer.from('key');

interface Element {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The element that a page has for a key: of a branch the last one that does not lie behind it; without a key the last. */
const place = (keys: readonly Buffer[], wanted: Buffer | undefined): number =>
  wanted === undefined ? keys.length - 1 : keys.findLastIndex((key) => Buffer.compare(key, wanted) <= 0);

class Tree {
  constructor(
    private readonly readAt: ReadAt,
    private readonly pageSize: number,
  ) {}

  /** From a page down to the leaf. */
  find(id: bigint, wanted: Buffer | undefined): Element | undefined {
    for (let next = id; ;) {
      const offset = Number(next) * this.pageSize;
      const overflow = this.readAt(offset, HEADER).readUInt32LE(12);
      const page = this.readAt(offset, (overflow + 1) * this.pageSize);
      const flags = page.readUInt16LE(8);
      const elements = [...Array(page.readUInt16LE(10)).keys()].map((index) => HEADER + index * ELEMENT);
      if ((flags & BRANCH) !== 0) {
        const keys = elements.map((at) => {
          const start = at + page.readUInt32LE(at);
          return page.subarray(start, start + page.readUInt32LE(at + 4));
        });
        const at = elements[Math.max(0, place(keys, wanted))];
        if (at === undefined) throw new Error(`its page ${next} is an empty branch`);
        next = page.readBigUInt64LE(at + 8);
        continue;
      }
      if ((flags & LEAF) === 0) throw new Error(`its page ${next} is neither branch nor leaf`);
      return leafElement(page, elements, wanted);
    }
  }
}

const leafElement = (page: Buffer, elements: readonly number[], wanted: Buffer | undefined): Element | undefined => {
  const found = elements.map((at): Element => {
    const start = at + page.readUInt32LE(at + 4);
    const middle = start + page.readUInt32LE(at + 8);
    return { key: page.subarray(start, middle), value: page.subarray(middle, middle + page.readUInt32LE(at + 12)) };
  });
  const element =
    found[
      place(
        found.map(({ key }) => key),
        wanted,
      )
    ];
  return wanted === undefined || element?.key.equals(wanted) === true ? element : undefined;
};

/**
 * The last revision of an etcd database: the key of the last change.
 * @throws Error with the fact where it is no such database
 */
export const lastRevision = (readAt: ReadAt): number => {
  const meta = readAt(0, 64);
  if (meta.readUInt32LE(16) !== MAGIC || meta.readUInt32LE(20) !== VERSION)
    throw new Error('it does not begin as a database of etcd');
  const tree = new Tree(readAt, meta.readUInt32LE(24));
  const bucket = tree.find(meta.readBigUInt64LE(32), KEY_BUCKET)?.value;
  if (bucket === undefined) throw new Error('it has no bucket "key", so no data of etcd');
  const root = bucket.readBigUInt64LE(0);
  // A bucket that is small has its only page behind its header.
  const last =
    root === 0n
      ? leafElement(
          bucket.subarray(16),
          [...Array(bucket.readUInt16LE(16 + 10)).keys()].map((index) => HEADER + index * ELEMENT),
          undefined,
        )
      : tree.find(root, undefined);
  if (last === undefined) throw new Error('it holds no change');
  return Number(last.key.readBigUInt64BE(0));
};
