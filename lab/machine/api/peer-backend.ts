import { Client, credentials, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import { ApiError, CODES } from './api-error';
import type { Backend, Call, Send } from './backend';

/** Port of the machine API on every node. */
export const API_PORT = 50000;
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

const same = (bytes: Buffer): Buffer => bytes;

/** PEM texts with which a control plane calls other nodes: a client certificate with the role `os:impersonator`. */
export interface PeerCredentials {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What the other node needs to know: whose call it is, and that it comes from a node. Source: apid.go, GetConnection. */
const forwarded = (call: Call): Metadata => {
  const metadata = call.metadata.clone();
  for (const key of ['nodes', 'node', 'talos-role', 'proxyfrom']) metadata.remove(key);
  for (const role of call.roles) metadata.add('talos-role', role);
  metadata.set('proxyfrom', call.host === '' ? 'unknown' : call.host);
  return metadata;
};

const options = (call: Call): CallOptions => ({ deadline: call.deadline });

/** Another node, reached by its machine API with this node's own credentials. */
class Peer implements Backend {
  constructor(private readonly client: Client) {}

  close(): void {
    this.client.close();
  }
  unary(call: Call, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const done = (fault: ServiceError | null, reply?: Buffer): void =>
        fault === null && reply !== undefined ? resolve(reply) : reject(ApiError.from(fault ?? new Error('no reply')));
      const outgoing = this.client.makeUnaryRequest(
        call.path,
        same,
        same,
        request,
        forwarded(call),
        options(call),
        done,
      );
      call.signal.addEventListener('abort', () => outgoing.cancel(), { once: true });
    });
  }
  async stream(call: Call, request: Buffer, send: Send): Promise<void> {
    const incoming = this.client.makeServerStreamRequest(
      call.path,
      same,
      same,
      request,
      forwarded(call),
      options(call),
    );
    call.signal.addEventListener('abort', () => incoming.cancel(), { once: true });
    try {
      for await (const reply of incoming) await send(reply as Buffer);
    } catch (fault) {
      const error = ApiError.from(fault);
      if (!(error.number === CODES.CANCELLED && call.signal.aborted)) throw error;
    }
  }
  upload(call: Call, requests: AsyncIterable<Buffer>): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const done = (fault: ServiceError | null, reply?: Buffer): void =>
        fault === null && reply !== undefined ? resolve(reply) : reject(ApiError.from(fault ?? new Error('no reply')));
      const outgoing = this.client.makeClientStreamRequest(call.path, same, same, forwarded(call), options(call), done);
      call.signal.addEventListener('abort', () => outgoing.cancel(), { once: true });
      const pass = async (): Promise<void> => {
        for await (const request of requests) outgoing.write(request);
        outgoing.end();
      };
      pass().catch(() => outgoing.cancel());
    });
  }
}

/** Connections to other nodes, made when they are first needed. */
export class Peers {
  private readonly peers = new Map<string, Peer>();
  constructor(private readonly own: PeerCredentials) {}

  /** @throws ApiError where `target` is not the address or name of a node */
  to(target: string): Backend {
    if (target === '' || /^[^:]+:\d+$/.test(target))
      throw new ApiError('INTERNAL', `invalid target ${JSON.stringify(target)}`);
    const known = this.peers.get(target);
    if (known !== undefined) return known;
    const address = target.includes(':') ? `[${target}]:${API_PORT}` : `${target}:${API_PORT}`;
    const secured = credentials.createSsl(
      Buffer.from(this.own.ca),
      Buffer.from(this.own.key),
      Buffer.from(this.own.certificate),
    );
    const client = new Client(address, secured, {
      'grpc.enable_http_proxy': 0,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // A node that restarts is tried again at once: the lab's machines boot in a second.
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 1000,
    });
    const peer = new Peer(client);
    this.peers.set(target, peer);
    return peer;
  }
  close(): void {
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
  }
}
