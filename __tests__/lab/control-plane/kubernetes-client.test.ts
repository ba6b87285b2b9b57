import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '../../../lab/control-plane/certificate';
import { KubernetesClient, type KubernetesObject } from '../../../lab/control-plane/kubernetes-client';

describe('the client of the Kubernetes API', () => {
  let server: Server;
  let client: KubernetesClient;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    const ca = await createAuthority({ organization: 'kubernetes' }, 1);
    const tls = await issueCertificate(ca, { usages: ['server'], sans: ['127.0.0.1'], hours: 1 });
    const pair = await issueCertificate(ca, { commonName: 'me', usages: ['client'], hours: 1 });
    server = createServer({ ...tls, ca: ca.cert, requestCert: true }, (request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new KubernetesClient({ server: url, caCert: ca.cert, client: pair });
  });

  afterAll(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('sends a body with its type', async () => {
    answer = (request, response) => {
      response.end(JSON.stringify({ type: request.headers['content-type'], method: request.method }));
    };
    expect(await client.call('PATCH', '/x', { body: { a: 1 }, contentType: 'application/merge-patch+json' })).toEqual({
      type: 'application/merge-patch+json',
      method: 'PATCH',
    });
  });

  test('a refusal has the words of the server', async () => {
    answer = (_, response) => {
      response.statusCode = 409;
      response.end('{"kind":"Status","reason":"Conflict","message":"the object has been modified"}');
    };
    await expect(client.call('PUT', '/x', { body: {} })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
      message: 'the object has been modified',
    });
  });

  test('a server that is silent is given up', async () => {
    answer = () => undefined;
    await expect(client.call('GET', '/x', { timeoutMs: 50 })).rejects.toThrow('is silent');
  });

  test('follows a collection: what is there, what comes, what goes, and what went between two lists', async () => {
    const stop = new AbortController();
    const lists = [['a', 'b'], ['c']];
    const object = (name: string): KubernetesObject => ({ metadata: { name } });
    answer = (request, response) => {
      if (request.url?.includes('watch=1') !== true) {
        const items = (lists.shift() ?? []).map(object);
        response.end(JSON.stringify({ metadata: { resourceVersion: '5' }, items }));
        return;
      }
      if (lists.length === 0) return;
      response.write(`${JSON.stringify({ type: 'ADDED', object: object('d') })}\n{"type":"BOOKMARK","object":{}}\n`);
      response.end(`${JSON.stringify({ type: 'DELETED', object: object('a') })}\n`);
    };
    const seen: string[] = [];
    const done = client.follow(
      '/pods',
      'fieldSelector=x',
      {
        onObject: ({ metadata }) => {
          seen.push(`+${metadata.name}`);
          if (metadata.name === 'c') stop.abort();
        },
        onGone: ({ metadata }) => seen.push(`-${metadata.name}`),
      },
      stop.signal,
    );
    await done;
    expect(seen).toEqual(['+a', '+b', '+d', '-a', '-b', '-d', '+c']);
  });
});
