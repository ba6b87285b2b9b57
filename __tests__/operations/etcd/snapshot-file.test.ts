import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { checkSnapshot } from '../../../operations/etcd/snapshot-file';

/** Of etcd 3.6.5, with 300 writes to 50 keys; `etcdutl snapshot status` says revision 301 and totalSize 45056. */
const WHOLE = gunzipSync(readFileSync(join(__dirname, 'revision-301.snapshot.gz')));
const NEXT = 'take one with npx groundwork etcd snapshot';

describe('O-3 a snapshot is looked at before it is kept, and before it is restored', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-snapshot-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const written = (content: Buffer): string => {
    const path = join(folder, 'a.snapshot');
    writeFileSync(path, content);
    return path;
  };
  const hashed = (database: Buffer): Buffer =>
    Buffer.concat([database, createHash('sha256').update(database).digest()]);
  const faultOf = async (content: Buffer): Promise<string> => {
    const path = written(content);
    const error = await checkSnapshot(path).then(() => 'it was taken', String);
    return error.replaceAll(path, 'FILE');
  };

  test('one of etcd has its size, revision and checksum', async () => {
    expect(await checkSnapshot(written(WHOLE))).toEqual({
      bytes: 45_088,
      revision: 301,
      sha256: '8ce100d4a48f05d751e918c7716c59e076b5c10ab72ae0fefc8ffe62d002dcea',
    });
  });

  test('one with another byte is refused', async () => {
    const other = Buffer.from(WHOLE);
    other[20_000] = (other[20_000] ?? 0) ^ 1;
    const found = createHash('sha256').update(other.subarray(0, -32)).digest('hex');
    expect(await faultOf(other)).toBe(
      `InputError: FILE is not a whole etcd snapshot: its checksum is ${found}, and 8ce100d4a48f05d751e918c7716c59e076b5c10ab72ae0fefc8ffe62d002dcea was promised; ${NEXT}`,
    );
  });

  test.each([
    ['cut off', WHOLE.subarray(0, 40_000), 40_000],
    ['copied from a data folder', WHOLE.subarray(0, -32), 45_056],
    ['empty', Buffer.alloc(0), 0],
  ])('one that is %s is refused', async (_, content, bytes) => {
    expect(await faultOf(content)).toBe(
      `InputError: FILE is not a whole etcd snapshot: its ${bytes} bytes are no pages with a checksum behind them, it was cut off or copied from a data folder; ${NEXT}`,
    );
  });

  test.each([
    ['what is no database', Buffer.alloc(8192), 'it does not begin as a database of etcd'],
    [
      'a database that ends before its pages',
      WHOLE.subarray(0, 4096),
      `it ends before byte ${4096 * WHOLE.readUInt32LE(32) + 16}`,
    ],
  ])('%s, with a right checksum, is refused', async (_, database, fact) => {
    expect(await faultOf(hashed(database))).toBe(`InputError: FILE is not a whole etcd snapshot: ${fact}; ${NEXT}`);
  });

  test('a file that is not there is named', async () => {
    await expect(checkSnapshot(join(folder, 'none'))).rejects.toThrow(
      `${join(folder, 'none')} can't be read: ENOENT: no such file or directory, open '${join(folder, 'none')}'`,
    );
  });
});
