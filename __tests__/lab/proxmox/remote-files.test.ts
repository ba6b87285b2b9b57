import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteFiles } from '../../../lab/proxmox/storage/remote-files';
import { selfSigned } from '../../setup/certificate';

describe('files that a host fetches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'remote-files-'));
  const file = join(folder, 'image');
  let server: Server;
  let base: string;
  let certificate: string;
  const agents: (string | undefined)[] = [];

  beforeAll(async () => {
    const tls = await selfSigned();
    certificate = tls.cert;
    server = createServer(tls, (request, response) => {
      agents.push(`${request.method ?? ''} ${request.headers['user-agent'] ?? ''}`);
      if (request.url === '/moved') return response.writeHead(302, { Location: '/image' }).end();
      if (request.url === '/cut') {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('half');
        return void setTimeout(() => request.socket.destroy(), 10);
      }
      if (request.url !== '/image') return response.writeHead(404).end();
      response.writeHead(200, { 'Content-Length': 5, 'Content-Type': 'application/octet-stream' });
      return response.end(request.method === 'HEAD' ? undefined : 'image');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    base = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const exitOf = (path: string, { ca = [certificate], verify = true, at = base } = {}): Promise<string> =>
    remoteFiles(ca)
      .download(`${at}${path}`, verify, file, new AbortController().signal)
      .then(
        () => readFileSync(file, 'utf8'),
        (error: unknown) => (error as Error).message,
      );

  test('are asked for with HEAD as Proxmox does, through redirects', async () => {
    agents.length = 0;
    expect(await remoteFiles([certificate]).head(`${base}/moved`, true)).toMatchObject({
      status: 200,
      reason: 'OK',
      headers: { 'content-length': '5' },
    });
    expect(agents).toEqual(['HEAD Proxmox VE', 'HEAD Proxmox VE']);
  });

  test('that nobody gives are a status', async () => {
    expect(await remoteFiles([certificate]).head(`${base}/none`, true)).toMatchObject({
      status: 404,
      reason: 'Not Found',
    });
    const { status, reason } = await remoteFiles([]).head(`${base}/image`, true);
    expect([status, reason]).toEqual([
      500,
      expect.stringMatching(/^Can't connect to 127\.0\.0\.1:\d+ \(.*self-signed certificate.*\)$/),
    ]);
  });

  test('end as wget does', async () => {
    expect(await exitOf('/image')).toBe('image');
    expect(await exitOf('/moved')).toBe('image');
    expect(await exitOf('/none')).toBe('exit code 8');
    expect(await exitOf('/cut')).toBe('exit code 4');
    expect(await exitOf('/image', { ca: [] })).toBe('exit code 5');
    expect(await exitOf('/image', { ca: [], verify: false })).toBe('image');
    expect(await exitOf('/image', { at: 'https://127.0.0.1:9' })).toBe('exit code 4');
  });
});
