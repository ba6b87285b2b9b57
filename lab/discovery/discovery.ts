import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../durations/clock';

/** A machine as it makes itself known to the others of its cluster. */
export interface Affiliate {
  readonly nodeId: string;
  /** Without mask. */
  readonly address: string;
  readonly hostname: string;
  readonly role: 'controlplane' | 'worker';
}

export interface DiscoveryOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM texts; `cert` may hold a chain. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly clock?: Clock;
}

export interface Discovery {
  readonly port: number;
  affiliates(clusterId: string): readonly Affiliate[];
  close(): Promise<void>;
}

/** An affiliate that is not renewed is forgotten after 30 minutes (Talos: pkg/machinery/constants, DefaultDiscoveryTTL). */
export const TTL_MS = 30 * 60 * 1000;
const BODY_LIMIT = 16 * 1024;
const PATH = /^\/v1\/clusters\/([^/]+)\/affiliates$/;

const isAffiliate = (value: unknown): value is Affiliate => {
  if (typeof value !== 'object' || value === null) return false;
  const { nodeId, address, hostname, role } = value as Record<string, unknown>;
  return (
    [nodeId, address, hostname].every((text) => typeof text === 'string' && text !== '') &&
    (role === 'controlplane' || role === 'worker')
  );
};

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk as string;
    if (body.length > BODY_LIMIT) return undefined;
  }
  return body;
};

const parse = (body: string | undefined): unknown => {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
};

/**
 * Where the machines of a cluster find each other. Talos' own service is gRPC and holds sealed blobs only; this one
 * keeps what the simulated machines need of it: who is there, until when.
 *
 * `POST /v1/clusters/<id>/affiliates` with an {@link Affiliate} as JSON → 204; `GET` of the same path → a JSON list.
 */
export const startDiscovery = async ({
  host,
  port,
  tls,
  clock = systemClock,
}: DiscoveryOptions): Promise<Discovery> => {
  const clusters = new Map<string, Map<string, { readonly affiliate: Affiliate; readonly until: number }>>();

  const affiliates = (clusterId: string): Affiliate[] => {
    const members = clusters.get(clusterId);
    if (members === undefined) return [];
    for (const [nodeId, { until }] of members) if (until <= clock.now()) members.delete(nodeId);
    return [...members.values()].map(({ affiliate }) => affiliate);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = PATH.exec(request.url ?? '')?.[1];
    if (id === undefined) {
      response.writeHead(404).end('not found\n');
    } else if (request.method === 'GET') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(affiliates(id)));
    } else if (request.method === 'POST') {
      const affiliate = parse(await readBody(request));
      if (!isAffiliate(affiliate)) {
        response.writeHead(400).end('affiliate must be {nodeId, address, hostname, role: controlplane | worker}\n');
        return;
      }
      const { nodeId, address, hostname, role } = affiliate;
      const members = clusters.get(id) ?? new Map<string, never>();
      clusters.set(id, members);
      clusters.get(id)?.set(nodeId, { affiliate: { nodeId, address, hostname, role }, until: clock.now() + TTL_MS });
      response.writeHead(204).end();
    } else {
      response.writeHead(405, { Allow: 'GET, POST' }).end('method not allowed\n');
    }
  };

  const server: Server = createServer({ cert: tls.cert, key: tls.key }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    affiliates,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
