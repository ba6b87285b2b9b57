import { spawn } from 'node:child_process';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ThrowawayAuthority } from './throwaway-authority';
import type { Credential } from './throwaway-authority';

const GATE = join(__dirname, '../../../modules/readiness/wait-for.cjs');

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

const run = (gate: string, environment: Record<string, string>): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [GATE, gate], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (status) => resolve({ status, stderr: stderr.replaceAll(/127\.0\.0\.1:\d+/g, 'API') }));
  });

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const withoutSeconds = (text: string): string => text.replaceAll(/after [\d.]+ s/g, 'after <n> s');

const node = (name: string, ready?: { status: string; message?: string; reason?: string }): object => ({
  metadata: { name },
  status: { conditions: ready === undefined ? [] : [{ type: 'Ready', ...ready }] },
});

/** Answers in the order given; the last one again and again. */
type Answers = readonly { status: number; body: string }[];

describe('T-13 gates', () => {
  let authority: ThrowawayAuthority;
  let server: Credential;
  let admin: Credential;
  const listening: Server[] = [];

  beforeAll(async () => {
    authority = await ThrowawayAuthority.create();
    [server, admin] = await Promise.all([authority.issue('kube-apiserver'), authority.issue('admin')]);
  });
  afterEach(() => {
    for (const each of listening.splice(0)) each.close();
  });

  const serve = async (answers: Answers, paths: string[] = []): Promise<string> => {
    let asked = 0;
    const api = createHttpsServer(
      { cert: server.certificate, key: server.key, ca: authority.certificate, requestCert: true },
      (request, response) => {
        paths.push(request.url ?? '');
        const answer = answers[Math.min(asked++, answers.length - 1)] ?? { status: 500, body: '' };
        response.writeHead(answer.status).end(answer.body);
      },
    );
    listening.push(api);
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(api.address() as AddressInfo).port}`;
  };

  const environment = (url: string, more: Record<string, string> = {}): Record<string, string> => ({
    GATE_SERVER: url,
    GATE_CA: base64(authority.certificate),
    GATE_CERTIFICATE: base64(admin.certificate),
    GATE_KEY: base64(admin.key),
    GATE_SECONDS: '20',
    ...more,
  });

  test('api: waits until readyz answers 200, and tells what it sees once', async () => {
    const paths: string[] = [];
    const starting = { status: 500, body: '[-]etcd failed\nreadyz check failed\n' };
    const url = await serve([starting, starting, { status: 200, body: 'ok' }], paths);
    const { status, stderr } = await run('api', environment(url));
    expect(withoutSeconds(stderr)).toBe(
      [
        'api at https://API: HTTP 500 [-]etcd failed\nreadyz check failed',
        'api at https://API: ready',
        'api at https://API: reached after <n> s',
        '',
      ].join('\n'),
    );
    expect(status).toBe(0);
    expect(paths).toEqual(['/readyz', '/readyz', '/readyz']);
  });

  test('api: asks with the admin certificate, and is told so where it is refused', async () => {
    const stranger = await ThrowawayAuthority.create();
    const { certificate, key } = await stranger.issue('admin');
    const url = await serve([{ status: 200, body: 'ok' }]);
    const credentials = { GATE_CERTIFICATE: base64(certificate), GATE_KEY: base64(key), GATE_SECONDS: '1' };
    const { status, stderr } = await run('api', environment(url, credentials));
    expect(status).toBe(1);
    expect(stderr).toMatch(/last seen: (socket hang up|.*alert unknown ca)/);
  });

  test('api: trusts nobody but the cluster', async () => {
    const url = await serve([{ status: 200, body: 'ok' }]);
    const other = await ThrowawayAuthority.create();
    const { status, stderr } = await run(
      'api',
      environment(url, { GATE_CA: base64(other.certificate), GATE_SECONDS: '1' }),
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /error: the Kubernetes API is ready: not so within 1 s at https:\/\/API; last seen: (self-signed certificate|unable to verify|certificate signature failure)/,
    );
  });

  test('api: an address where nothing listens is tried until the time is over', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { status, stderr } = await run('api', environment(`https://127.0.0.1:${port}`, { GATE_SECONDS: '1' }));
    expect(stderr).toBe(
      [
        'api at https://API: connect ECONNREFUSED API',
        'error: the Kubernetes API is ready: not so within 1 s at https://API; last seen: connect ECONNREFUSED API',
        '',
      ].join('\n'),
    );
    expect(status).toBe(1);
  });

  test('api: a connection that is taken and not answered ends after two seconds', async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const { status, stderr } = await run('api', environment(url, { GATE_SECONDS: '1' }));
    mute.close();
    expect(stderr).toContain('last seen: no connection within 2 s');
    expect(status).toBe(1);
  });

  test('nodes: names who is missing and who is not Ready, and why', async () => {
    const list = (...items: object[]): { status: number; body: string } => ({
      status: 200,
      body: JSON.stringify({ items }),
    });
    const ready = { status: 'True' };
    const paths: string[] = [];
    const url = await serve(
      [
        list(node('controlplane0', { status: 'False', message: 'cni plugin not initialized' }), node('worker0')),
        list(node('controlplane0', ready), node('worker0', { status: 'Unknown', reason: 'NodeStatusUnknown' })),
        list(node('controlplane0', ready), node('worker0', ready), node('stranger')),
      ],
      paths,
    );
    const { status, stderr } = await run('nodes', environment(url, { GATE_NODES: 'controlplane0 worker0' }));
    expect(withoutSeconds(stderr)).toBe(
      [
        'nodes at https://API: 0 of 2 Ready; waiting for controlplane0 (cni plugin not initialized), worker0 (NotReady)',
        'nodes at https://API: 1 of 2 Ready; waiting for worker0 (NodeStatusUnknown)',
        'nodes at https://API: 2 of 2 Ready',
        'nodes at https://API: reached after <n> s',
        '',
      ].join('\n'),
    );
    expect(status).toBe(0);
    expect(paths[0]).toBe('/api/v1/nodes?resourceVersion=0');
  });

  test('nodes: of many it names five', async () => {
    const url = await serve([{ status: 200, body: JSON.stringify({ items: [] }) }]);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].join(' ');
    const { stderr } = await run('nodes', environment(url, { GATE_NODES: names, GATE_SECONDS: '1' }));
    expect(stderr).toContain(
      '0 of 7 Ready; waiting for a (not registered), b (not registered), c (not registered), d (not registered), e (not registered), 2 more',
    );
  });

  test('nodes: a list that is refused is not a list', async () => {
    const url = await serve([{ status: 403, body: '{"message":"nodes is forbidden"}' }]);
    const { status, stderr } = await run('nodes', environment(url, { GATE_NODES: 'a', GATE_SECONDS: '1' }));
    expect(status).toBe(1);
    expect(stderr).toContain('last seen: HTTP 403 {"message":"nodes is forbidden"}');
  });

  test.each([
    ['Api', {}, 'error: "Api" is not a gate; it is api or nodes\n'],
    ['toString', {}, 'error: "toString" is not a gate; it is api or nodes\n'],
    ['api', { GATE_KEY: '' }, 'error: environment variable GATE_KEY is not set\n'],
    ['nodes', {}, 'error: environment variable GATE_NODES is not set\n'],
    ['api', { GATE_SECONDS: 'soon' }, 'error: GATE_SECONDS is "soon"; it is a number of seconds above 0\n'],
  ])('a wrong call is status 2: %s %o', async (gate, more, text) => {
    expect(await run(gate, environment('https://127.0.0.1:1', more))).toEqual({ status: 2, stderr: text });
  });
});
