import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProxmoxOptions } from '../../../lab/proxmox/proxmox';
import { formatSize, parseSize, parseVolumeName } from '../../../lab/proxmox/storage/volume-id';
import { type DataCentre, dataCentre } from './data-centre';
import { IMAGE_URL, memoryFactory, talosImage } from './images';

const LOCAL = '/nodes/pve1/storage/local';
const DOWNLOAD = { url: IMAGE_URL, content: 'import', filename: 'talos.qcow2' };

describe('storage', () => {
  let centre: DataCentre;
  const open = async (options: Partial<ProxmoxOptions> = {}): Promise<void> => {
    centre = await dataCentre(options);
  };
  afterEach(() => centre.close());

  const exitOf = async (form: Record<string, string>, storage = LOCAL): Promise<string> => {
    const { status, reason, body } = await centre.call('POST', `${storage}/download-url`, form);
    if (status !== 200) return `${status} ${reason} ${JSON.stringify((body as { errors?: unknown }).errors ?? {})}`;
    await centre.proxmox.idle();
    return centre.proxmox.snapshot().tasks.at(-1)?.exitstatus ?? 'running';
  };

  test('T-7 an image is downloaded, listed with its size, and deleted', async () => {
    await open();
    expect(await exitOf(DOWNLOAD)).toBe('OK');
    const listed = await centre.must('GET', `${LOCAL}/content`, { content: 'import' });
    expect(listed).toEqual([
      {
        volid: 'local:import/talos.qcow2',
        content: 'import',
        format: 'qcow2',
        size: talosImage().length,
        ctime: expect.any(Number) as number,
      },
    ]);
    expect(await centre.must('GET', `${LOCAL}/content/local:import%2Ftalos.qcow2`)).toMatchObject({
      format: 'qcow2',
      size: 1_306_525_696,
      used: talosImage().length,
    });
    await centre.must('DELETE', `${LOCAL}/content/local:import%2Ftalos.qcow2`);
    expect(await centre.must('GET', `${LOCAL}/content`)).toEqual([]);
  });

  test('a storage that is not shared is another one on every host', async () => {
    await open();
    await exitOf(DOWNLOAD);
    await exitOf(DOWNLOAD, '/nodes/pve1/storage/nas');
    expect(await centre.must('GET', '/nodes/pve2/storage/local/content')).toEqual([]);
    expect(await centre.must('GET', '/nodes/pve2/storage/nas/content')).toHaveLength(1);
  });

  test.each([
    [
      { ...DOWNLOAD, filename: 'talos.img' },
      '400 Parameter verification failed. {"filename":"invalid filename or wrong extension"}',
    ],
    [{ ...DOWNLOAD, content: 'iso' }, '400 Parameter verification failed. {"filename":"wrong file extension"}'],
    [{ ...DOWNLOAD, content: 'vztmpl' }, "500 storage 'local' is not configured for content-type 'vztmpl' {}"],
    [
      { ...DOWNLOAD, url: 'ftp://x/y.qcow2' },
      '400 Parameter verification failed. {"url":"value does not match the regex pattern"}',
    ],
    [
      { ...DOWNLOAD, checksum: 'ab' },
      `400 Parameter verification failed. {"checksum-algorithm":"missing property required by 'checksum'"}`,
    ],
    [{ ...DOWNLOAD, compression: 'zst' }, 'decompression not supported for import'],
  ])('fails for %j', async (form, answer) => {
    await open();
    expect(await exitOf(form)).toBe(answer);
    expect(centre.proxmox.snapshot().images).toEqual([]);
  });

  test('fails on a storage without files', async () => {
    await open();
    expect(await exitOf(DOWNLOAD, '/nodes/pve1/storage/local-lvm')).toBe(
      "500 can't upload to storage type 'lvmthin', not a file based storage! {}",
    );
    expect(await exitOf(DOWNLOAD, '/nodes/pve1/storage/attic')).toBe("500 storage 'attic' does not exist {}");
  });

  test('what is not there ends the download', async () => {
    await open();
    expect(await exitOf({ ...DOWNLOAD, url: 'https://factory.talos.dev/none' })).toMatch(
      /^download failed: command '\/usr\/bin\/wget --progress=dot:giga -O \S+ https:\/\/factory\.talos\.dev\/none' failed: exit code 8$/,
    );
  });

  test('a file is not overwritten', async () => {
    await open();
    await exitOf(DOWNLOAD);
    const path = join(centre.folder, 'local', 'pve1', 'import', 'talos.qcow2');
    expect(await exitOf(DOWNLOAD)).toBe(`refusing to override existing file '${path}'`);
    const checksum = { checksum: '0'.repeat(64), 'checksum-algorithm': 'sha256' };
    expect(await exitOf({ ...DOWNLOAD, ...checksum })).toMatch(
      /^checksum mismatch: got '[0-9a-f]{64}' != expect '0{64}', aborting$/,
    );
  });

  test('a wrong checksum leaves nothing', async () => {
    await open();
    expect(await exitOf({ ...DOWNLOAD, checksum: '00', 'checksum-algorithm': 'md5' })).toMatch(
      /^checksum mismatch: got '[0-9a-f]{32}' != expect '00'$/,
    );
    expect(readdirSync(join(centre.folder, 'local', 'pve1', 'import'))).toEqual([]);
  });

  test('a file that is no image is not kept', async () => {
    await open({ remote: memoryFactory(Buffer.alloc(4096)) });
    expect(await exitOf(DOWNLOAD)).toBe('failed to verify file: failed to query file information with qemu-img');
    expect(centre.proxmox.snapshot().images).toEqual([]);
  });

  test('a full storage ends the download', async () => {
    const path = mkdtempSync(join(tmpdir(), 'full-'));
    await open({
      storages: [{ name: 'local', type: 'dir', content: ['import'], shared: true, path, sizeBytes: 1000 }],
    });
    expect(await exitOf(DOWNLOAD)).toMatch(/^download failed: command '.*' failed: exit code 3$/);
    expect(readdirSync(join(path, 'import'))).toEqual([]);
    rmSync(path, { recursive: true });
  });

  test('a fault makes a storage full for a while', async () => {
    await open();
    centre.proxmox.faults.add({
      name: 'storage-full',
      match: { path: '/nodes/{node}/storage/{storage}/download-url' },
      times: 1,
    });
    expect(await exitOf(DOWNLOAD)).toMatch(/exit code 3$/);
    expect(await exitOf(DOWNLOAD)).toBe('OK');
  });

  test('a truncated download is found out', async () => {
    await open();
    centre.proxmox.faults.add({ name: 'download-truncated', times: 1, bytes: 130 });
    expect(await exitOf(DOWNLOAD)).toBe('failed to verify file: failed to query file information with qemu-img');
  });

  test('space is told in numbers', async () => {
    await open();
    await exitOf(DOWNLOAD);
    const used = talosImage().length;
    expect(await centre.must('GET', '/nodes/pve1/storage', { content: 'import', storage: 'local' })).toEqual([
      {
        ...{ storage: 'local', type: 'dir', content: 'import,iso,snippets,images', shared: 0, active: 1, enabled: 1 },
        ...{ total: 107_374_182_400, used, avail: 107_374_182_400 - used, used_fraction: used / 107_374_182_400 },
      },
    ]);
    expect((await centre.call('GET', '/nodes/pve1/storage', { storage: 'attic' })).body).toMatchObject({
      errors: { storage: 'No such storage.' },
    });
  });

  test('metadata of a URL is asked with HEAD', async () => {
    await open();
    expect(
      await centre.must('GET', '/nodes/pve1/query-url-metadata', { url: `${IMAGE_URL}?x=1` }).catch(() => 'refused'),
    ).toBe('refused');
    expect(await centre.must('GET', '/nodes/pve1/query-url-metadata', { url: IMAGE_URL })).toEqual({
      ...{ filename: 'metal-amd64.qcow2', size: talosImage().length, mimetype: 'application/octet-stream' },
    });
    const { status, reason } = await centre.call('GET', '/nodes/pve1/query-url-metadata', {
      url: 'https://factory.talos.dev/none',
    });
    expect([status, reason]).toEqual([500, "invalid server response: '404 Not Found'"]);
  });

  test.each([
    ['other:import%2Fx.qcow2', 400, 'Parameter verification failed.'],
    ['local:attic%2Fx', 500, "unable to parse directory volume name 'attic/x'"],
    ['local:import%2Fnone.qcow2', 500, "volume_size_info on 'local:import/none.qcow2' failed - no format"],
    [
      'local:100%2Fvm-100-disk-0.qcow2',
      500,
      "no such volume 'local:100/vm-100-disk-0.qcow2': disk image does not exist",
    ],
  ])('fails for volume %s', async (volume, status, reason) => {
    await open();
    expect(await centre.call('GET', `${LOCAL}/content/${volume}`)).toMatchObject({ status, reason });
  });

  test('what an operator put there is listed, what has no name of an image is not', async () => {
    await open();
    const folder = join(centre.folder, 'local', 'pve1', 'import');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'by-hand.raw'), 'x');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    expect(centre.proxmox.snapshot().images).toEqual([
      { volid: 'local:import/by-hand.raw', node: 'pve1', sizeBytes: 1 },
    ]);
    expect(existsSync(join(folder, 'notes.txt'))).toBe(true);
  });

  test('deleting what is not there is no error', async () => {
    await open();
    await centre.must('DELETE', `${LOCAL}/content/import%2Fnone.qcow2`);
    expect(centre.proxmox.snapshot().tasks.at(-1)).toMatchObject({ type: 'imgdel', exitstatus: 'OK' });
  });
});

describe('sizes and names', () => {
  test.each([
    [21_474_836_480, '20G'],
    [1_306_525_696, '1246M'],
    [540_672, '528K'],
    [1_099_511_627_776, '1T'],
    [1000, '1000'],
  ])('%d bytes are %s', (bytes, text) => {
    expect([formatSize(bytes), parseSize(text)]).toEqual([text, bytes]);
  });

  test.each([
    ['100/vm-100-disk-0.qcow2', { content: 'images', vmid: 100, format: 'qcow2' }],
    ['vm-100-cloudinit', { content: 'images', vmid: 100, format: 'raw' }],
    ['import/talos.raw', { content: 'import', file: 'talos.raw', format: 'raw' }],
    ['iso/talos.iso', { content: 'iso', file: 'talos.iso', format: 'iso' }],
  ])('%s', (name, parsed) => {
    expect(parseVolumeName(name)).toEqual(parsed);
  });
});
