import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { ConnectionReset } from './api';
import { messageOf } from './errors';
import type { WireRequest, WireResponse } from './requests';

/** pve-http-server's limit for a form. */
const BODY_BYTES = 512 * 1024;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error(`for data too large (> ${BODY_BYTES})`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** What the server refuses before it looks at the call. */
const malformed = ({ method = '', headers }: IncomingMessage): string | undefined => {
  if (!['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].includes(method)) return `method '${method}' not available`;
  if (headers['transfer-encoding'] !== undefined) return 'chunked transfer encoding not supported';
  const empty = headers['content-length'] === undefined || headers['content-length'] === '0';
  return empty || method === 'PUT' || method === 'POST' ? undefined : `Unexpected content for method '${method}'`;
};

const write = (response: ServerResponse, { status, reason, body }: WireResponse, now: number): void => {
  const text = body === undefined ? '' : JSON.stringify(body);
  // a reason phrase is Latin-1 on one line
  const phrase = reason.replaceAll(/[^\t\x20-\x7e\xa0-\xff]/g, '?');
  response.writeHead(status, phrase, {
    'Cache-Control': 'max-age=0',
    Pragma: 'no-cache',
    Server: 'pve-api-daemon/3.0',
    Date: new Date(now).toUTCString(),
    'Content-Length': Buffer.byteLength(text),
    ...(text === '' ? {} : { 'Content-Type': 'application/json;charset=UTF-8' }),
    ...(status >= 400 ? { Connection: 'close' } : {}),
  });
  response.end(text);
};

/** The port that it listens on. */
export const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });

/** Resolves when it is closed, open connections included: those in the middle of a TLS handshake too. */
export const closed = (server: Server, sockets: ReadonlySet<Duplex>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });

export interface HttpOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly answer: (request: WireRequest) => Promise<WireResponse>;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export interface HttpServer {
  readonly server: Server;
  readonly sockets: ReadonlySet<Duplex>;
}

/** HTTPS as pve-http-server speaks it: TLS 1.3, error text as reason phrase, connection closed after an error. */
export const httpsServer = ({ tls, answer, now, log }: HttpOptions): HttpServer => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = malformed(request);
    const body = await bodyOf(request);
    const { method = 'GET', url = '/', headers } = request;
    const reply = fault === undefined ? await answer({ method, url, headers, body }) : { status: 501, reason: fault };
    write(response, reply, now());
  };
  const server = createServer({ ...tls, minVersion: 'TLSv1.3' }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!(error instanceof ConnectionReset)) log(`request failed: ${messageOf(error)}`);
      request.socket.destroy();
    });
  });
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return { server, sockets };
};
