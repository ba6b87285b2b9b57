import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { takeSnapshot, type SnapshotTools } from '../../../operations/etcd/take-snapshot';
import { parseTarget } from '../../../operations/etcd/target';
import { ACCESS_KEY, ObjectStorage, SECRET_KEY } from '../../rehearsal/object-storage';
import { FakeCluster, planWith } from '../fake-cluster';

const WHOLE = gunzipSync(readFileSync(join(__dirname, 'revision-301.snapshot.gz')));
const NOW = new Date('2026-01-31T02:00:00.500Z');
const CREDENTIALS = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };

describe('O-3 etcd snapshot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-take-'));
  let storage: ObjectStorage;
  beforeAll(async () => (storage = await ObjectStorage.start('backups')));
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await storage.stop();
  });

  /** Notes whose member was asked; gives `content` in two parts. */
  const toolsOf = (cluster: FakeCluster, content = WHOLE, environment = {}): SnapshotTools => ({
    ...{ plan: cluster.plan, say: cluster.say, now: NOW, environment },
    talos: {
      ...cluster.talos,
      etcdSnapshot: async function* (address: string) {
        await Promise.resolve();
        cluster.log.push(`snapshot of ${address}`);
        yield content.subarray(0, 10_000);
        yield content.subarray(10_000);
      },
    },
  });
  const fileAt = (name: string) => parseTarget(join(folder, name), 'infrastructure', NOW);
  const bucketAt = (key: string) =>
    parseTarget(`s3://backups/${key}?endpoint=${storage.endpoint}`, 'infrastructure', NOW);

  test('is taken of a healthy member, checked, and kept for its owner alone, with the machine secrets beside it', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.lose('controlplane0');
    const target = fileAt('new/');
    const path = join(folder, 'new', 'infrastructure-20260131T020000Z.snapshot');
    expect(await takeSnapshot(toolsOf(cluster), target, 'secret: value\n')).toEqual({
      member: 'controlplane1',
      target: path,
      bytes: 45_088,
      revision: 301,
      sha256: '8ce100d4a48f05d751e918c7716c59e076b5c10ab72ae0fefc8ffe62d002dcea',
      secrets: `${path}.machine-secrets.yaml`,
    });
    expect(cluster.log).toEqual(['snapshot of 10.0.1.2']);
    expect(cluster.said).toEqual([
      'member controlplane1: revision 301, 45088 bytes, its checksum is right',
      `the machine secrets are beside it: ${path}.machine-secrets.yaml; who has both has the cluster and all its Secrets`,
    ]);
    expect(readFileSync(path).equals(WHOLE)).toBe(true);
    expect(readFileSync(`${path}.machine-secrets.yaml`, 'utf8')).toBe('secret: value\n');
    for (const file of [path, `${path}.machine-secrets.yaml`])
      expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect(readdirSync(join(folder, 'new'))).toHaveLength(2);
  });

  test('does not write over a file, and asks nobody then', async () => {
    const cluster = new FakeCluster(planWith());
    await takeSnapshot(toolsOf(cluster), fileAt('once'));
    await expect(takeSnapshot(toolsOf(cluster), fileAt('once'))).rejects.toThrow(
      `${join(folder, 'once')} is there already, and is left as it is; give another name`,
    );
    expect(cluster.log).toHaveLength(1);
  });

  test('leaves nothing where it was cut off', async () => {
    const cluster = new FakeCluster(planWith());
    await expect(takeSnapshot(toolsOf(cluster, WHOLE.subarray(0, 30_000)), fileAt('broken/a'))).rejects.toThrow(
      'its 30000 bytes are no pages with a checksum behind them',
    );
    expect(readdirSync(join(folder, 'broken'))).toEqual([]);
  });

  test('is refused where no member is healthy', async () => {
    const cluster = new FakeCluster(planWith(1, 0));
    cluster.lose('controlplane0');
    await expect(takeSnapshot(toolsOf(cluster), fileAt('none'))).rejects.toThrow(
      'a snapshot is taken of a healthy member only, and no member of etcd is healthy: controlplane0: nobody answers at 10.0.1.1',
    );
  });

  test('goes to S3, signed, and is not written over there', async () => {
    const cluster = new FakeCluster(planWith());
    const tools = toolsOf(cluster, WHOLE, CREDENTIALS);
    const { target, secrets } = await takeSnapshot(tools, bucketAt('home/'), 'secret: value\n');
    const key = 'home/infrastructure-20260131T020000Z.snapshot';
    expect([target, secrets]).toEqual([`s3://backups/${key}`, `s3://backups/${key}.machine-secrets.yaml`]);
    expect(storage.objects.get(key)?.equals(WHOLE)).toBe(true);
    expect(storage.objects.get(`${key}.machine-secrets.yaml`)?.toString()).toBe('secret: value\n');
    await expect(takeSnapshot(tools, bucketAt('home/'))).rejects.toThrow(
      'there is such an object already, and it is left as it is; give another name',
    );
  });

  test.each([
    ['without credentials', {}, 'a', 'S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'],
    [
      'with a wrong key',
      { ...CREDENTIALS, AWS_SECRET_ACCESS_KEY: 'wrong' },
      'a',
      'HTTP 403 SignatureDoesNotMatch: the signature is not that of the secret key',
    ],
  ])('is refused by S3 %s, and is in no object then', async (_, environment, key, words) => {
    const before = [...storage.objects.keys()];
    const tools = toolsOf(new FakeCluster(planWith()), WHOLE, environment);
    await expect(takeSnapshot(tools, bucketAt(key))).rejects.toThrow(words);
    expect([...storage.objects.keys()]).toEqual(before);
  });

  test('a target with credentials in it is refused, and they are not repeated', () => {
    expect(() => parseTarget('s3://me:secret@backups/a', 'infrastructure', NOW)).toThrow(
      'target "s3://...@backups/a" holds credentials',
    );
  });
});
