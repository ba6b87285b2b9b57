import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { clusterWith, platform } from '../platform/platform-process';
import { debianNginx } from './debian-nginx';

// Each case renders in a process of its own
jest.setTimeout(60_000);

const nginx = debianNginx();
const running: ChildProcess[] = [];
const servers: (Server | Datagrams)[] = [];

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
  }
  for (const server of servers) server.close();
});

const listening = async (server: Server): Promise<number> => {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

/** What the rendered files say, with addresses of this host: each `from` must be there. */
const moved = (text: string, moves: Readonly<Record<string, string>>): string =>
  Object.entries(moves).reduce((whole, [from, to]) => {
    if (!whole.includes(from)) throw new Error(`the rendered file lacks "${from}"`);
    return whole.replaceAll(from, to);
  }, text);

const renderedOutside = (change: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-outside-'));
  expect(platform(['render', '--output', folder], clusterWith(change)).status).toBe(0);
  return join(folder, 'infrastructure/outside');
};
const fileIn = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

/** Tests the configuration with `nginx -t`, then runs it. */
const serve = async (stream: string, http?: string): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'groundwork-nginx-'));
  mkdirSync(join(home, 'groundwork'));
  const subject = ['-subj', '/CN=*.test-cluster.example.org', '-days', '2', '-nodes'];
  const files = ['-keyout', join(home, 'groundwork/privkey.pem'), '-out', join(home, 'groundwork/fullchain.pem')];
  expect(spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files]).status).toBe(0);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  writeFileSync(
    join(home, 'nginx.conf'),
    [
      `load_module ${nginx.streamModule};`,
      'daemon off; worker_processes 1; pid nginx.pid; error_log stderr warn; events {}',
      `stream {\n${stream}}`,
      `http { access_log off; ${temporary.join(' ')}\n${http ?? ''}}`,
    ].join('\n'),
  );
  const parameters = ['-p', `${home}/`, '-c', 'nginx.conf', '-e', 'stderr'];
  const checked = spawnSync(nginx.program, ['-t', ...parameters], { encoding: 'utf8', env: nginx.environment });
  expect({ status: checked.status, stderr: checked.stderr }).toEqual({
    status: 0,
    stderr: [
      `nginx: the configuration file ${home}/nginx.conf syntax is ok`,
      `nginx: configuration file ${home}/nginx.conf test is successful`,
      '',
    ].join('\n'),
  });
  const child = spawn(nginx.program, parameters, { env: nginx.environment, stdio: 'ignore' });
  running.push(child);
  while (!existsSync(join(home, 'nginx.pid')) || fileIn(home, 'nginx.pid') === '') {
    if (child.exitCode !== null) throw new Error(`nginx ended with status ${child.exitCode}`);
    await after(20);
  }
};

/** Where the rendered DNS forwarding listens and what stands in for PowerDNS. */
const dnsMoves = async (): Promise<{ port: number; moves: Record<string, string> }> => {
  const port = await freePort();
  const standIn = createSocket('udp4');
  standIn.on('message', (message, from) => standIn.send(`answer to ${message.toString()}`, from.port, from.address));
  standIn.bind(0, '127.0.0.1');
  await once(standIn, 'listening');
  servers.push(standIn);
  return {
    port,
    moves: {
      'listen 53 udp;': `listen 127.0.0.1:${port} udp;`,
      'listen 53;': `listen 127.0.0.1:${port};`,
      '10.0.3.3:53': `127.0.0.1:${standIn.address().port}`,
    },
  };
};

describe('T-20 the proxy before the cluster', () => {
  test('ends TLS, tells the ingress who asks and for what, and forwards DNS', async () => {
    const folder = renderedOutside(`name: 'infrastructure'`);
    let seen: IncomingHttpHeaders = {};
    const ingress = await listening(
      createHttpServer((incoming, response) => {
        seen = incoming.headers;
        response.end('from the ingress');
      }),
    );
    const [https, http, dns] = [await freePort(), await freePort(), await dnsMoves()];
    await serve(
      moved(fileIn(folder, 'nginx-stream.conf'), dns.moves),
      moved(fileIn(folder, 'nginx-http.conf'), {
        'listen 443 ssl http2;': `listen 127.0.0.1:${https} ssl http2;`,
        'listen 80;': `listen 127.0.0.1:${http};`,
        'http://10.0.3.2:80': `http://127.0.0.1:${ingress}`,
      }),
    );

    // The certificate is this test's own
    const asked = request({
      host: '127.0.0.1',
      port: https,
      servername: 'git.test-cluster.example.org',
      rejectUnauthorized: false,
      headers: { Host: 'git.test-cluster.example.org', 'X-Forwarded-For': '192.0.2.7' },
    }).end();
    const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
    let body = '';
    for await (const chunk of response) body += chunk.toString();
    expect(body).toBe('from the ingress');
    expect(seen).toMatchObject({
      host: 'git.test-cluster.example.org',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    });

    const resolver = createSocket('udp4');
    servers.push(resolver);
    resolver.send('question', dns.port, '127.0.0.1');
    const [answer] = (await once(resolver, 'message')) as [Buffer];
    expect(answer.toString()).toBe('answer to question');
  });

  test.each(['ingress-nginx', 'cilium'])(
    'hands bytes on where TLS ends in the cluster, to %s with the client before them',
    async (gateway) => {
      const folder = renderedOutside(
        `platform: { ...infrastructure.platform, tlsEnd: 'cluster', gateway: '${gateway}' as const }`,
      );
      expect(existsSync(join(folder, 'nginx-http.conf'))).toBe(false);
      let seen = '';
      const ingress = await listening(
        createServer((socket) =>
          socket.on('data', (chunk) => {
            seen += chunk.toString();
            if (seen.endsWith('hello')) socket.end('from the ingress');
          }),
        ),
      );
      const [https, http, dns] = [await freePort(), await freePort(), await dnsMoves()];
      await serve(
        moved(fileIn(folder, 'nginx-stream.conf'), {
          ...dns.moves,
          'listen 443;': `listen 127.0.0.1:${https};`,
          'listen 80;': `listen 127.0.0.1:${http};`,
          '10.0.3.2:443': `127.0.0.1:${ingress}`,
          '10.0.3.2:80': `127.0.0.1:${ingress}`,
        }),
      );
      const client = connect(https, '127.0.0.1');
      client.write('hello');
      const [answer] = (await once(client, 'data')) as [Buffer];
      expect(answer.toString()).toBe('from the ingress');
      expect(seen).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nhello$/);
    },
  );
});
