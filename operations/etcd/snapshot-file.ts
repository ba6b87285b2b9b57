import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../deployment/find-cluster';
import { lastRevision } from './bolt-database';

/** What is known of a snapshot that is whole. */
export interface SnapshotFacts {
  readonly bytes: number;
  /** etcd's revision: what Kubernetes calls the resource version. */
  readonly revision: number;
  /** Of the database, in hex: the last 32 bytes of the file. */
  readonly sha256: string;
}

const HASH_BYTES = 32;
/** A database is a number of pages, and a page is a multiple of this. */
const SECTOR_BYTES = 512;

const readAt = (file: number, offset: number, length: number): Buffer => {
  const buffer = Buffer.alloc(length);
  if (readSync(file, buffer, 0, length, offset) !== length) throw new Error(`it ends before byte ${offset + length}`);
  return buffer;
};

/**
 * Looks at a snapshot as `etcdutl snapshot restore` does: the SHA-256 that etcd puts behind the database must be that of
 * the database. Source: etcdutl/snapshot/v3_snapshot.go, hasChecksum and copyAndVerifyDB, at v3.6.5.
 * @throws InputError with what is wrong with the file
 */
export const checkSnapshot = async (path: string): Promise<SnapshotFacts> => {
  const broken = (fact: string): InputError =>
    new InputError(`${path} is not a whole etcd snapshot: ${fact}; take one with npx groundwork etcd snapshot`);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new InputError(`${path} can't be read: ${(error as Error).message}`);
  }
  try {
    const { size } = fstatSync(file);
    if (size % SECTOR_BYTES !== HASH_BYTES)
      throw broken(
        `its ${size} bytes are no pages with a checksum behind them, it was cut off or copied from a data folder`,
      );
    const hash = createHash('sha256');
    for await (const chunk of createReadStream('', {
      fd: file,
      autoClose: false,
      start: 0,
      end: size - HASH_BYTES - 1,
    }))
      hash.update(chunk as Buffer);
    const [found, promised] = [hash.digest('hex'), readAt(file, size - HASH_BYTES, HASH_BYTES).toString('hex')];
    if (found !== promised) throw broken(`its checksum is ${found}, and ${promised} was promised`);
    let revision: number;
    try {
      revision = lastRevision((offset, length) => readAt(file, offset, length));
    } catch (error) {
      throw broken((error as Error).message);
    }
    return { bytes: size, revision, sha256: found };
  } finally {
    closeSync(file);
  }
};
