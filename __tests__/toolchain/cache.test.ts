import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactCache } from '../../toolchain/cache';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();

const storeEtcd = async (cache: ArtifactCache): Promise<string> => {
  const artifact = await cache.store('etcd', 'k1', async (draft) => {
    writeFileSync(join(draft, 'etcd'), 'program');
    return Promise.resolve('go1.26.8');
  });
  return join(artifact.folder, 'etcd');
};

describe('cache of artifacts', () => {
  test('an artifact is found under its name and key, with the checksum of each file beside it', async () => {
    const cache = new ArtifactCache(folder());
    const file = await storeEtcd(cache);
    expect(file).toBe(join(folder(), 'artifacts', 'etcd', 'k1', 'etcd'));
    expect(cache.find('etcd', 'k1')?.record).toMatchObject({
      madeBy: 'go1.26.8',
      files: { etcd: { size: 7, sha256: '1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8' } },
    });
    expect(cache.find('etcd', 'k2')).toBeUndefined();
  });

  test('a build that fails half-way leaves neither artifact nor draft', async () => {
    const cache = new ArtifactCache(folder());
    const build = cache.store('etcd', 'k1', (draft) => {
      writeFileSync(join(draft, 'etcd'), 'half a pro');
      return Promise.reject(new Error('interrupted'));
    });
    await expect(build).rejects.toThrow('interrupted');
    expect(cache.find('etcd', 'k1')).toBeUndefined();
    expect(readdirSync(join(folder(), 'artifacts', 'etcd'))).toEqual([]);
  });

  test('a draft that a killed process has left is no artifact, and the next build removes it', async () => {
    const cache = new ArtifactCache(folder());
    const draft = join(folder(), 'artifacts', 'etcd', 'k1.draft-4711');
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, 'etcd'), 'half');
    expect(cache.find('etcd', 'k1')).toBeUndefined();
    await storeEtcd(cache);
    expect(readdirSync(join(folder(), 'artifacts', 'etcd'))).toEqual(['k1']);
  });

  test('a file of another size or date is seen at once', async () => {
    const cache = new ArtifactCache(folder());
    const file = await storeEtcd(cache);
    utimesSync(file, 1000, 1000);
    expect(cache.find('etcd', 'k1')).toBeUndefined();
  });

  test('a changed byte is seen by a full check, which removes the artifact', async () => {
    const cache = new ArtifactCache(folder());
    const file = await storeEtcd(cache);
    const { mtimeMs } = cache.find('etcd', 'k1')?.record.files['etcd'] ?? { mtimeMs: 0 };
    writeFileSync(file, 'progrAm');
    utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    expect(cache.find('etcd', 'k1')).toBeDefined();
    expect(await cache.verify('etcd', 'k1')).toBeUndefined();
    expect(cache.find('etcd', 'k1')).toBeUndefined();
    await storeEtcd(cache);
    expect(readFileSync(file, 'utf8')).toBe('program');
  });

  test('a copy with other dates is as good once every byte was read', async () => {
    const cache = new ArtifactCache(folder());
    const file = await storeEtcd(cache);
    utimesSync(file, 1000, 1000);
    expect((await cache.verify('etcd', 'k1'))?.record.madeBy).toBe('go1.26.8');
    expect(cache.find('etcd', 'k1')).toBeDefined();
  });
});
