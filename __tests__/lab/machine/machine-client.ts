import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { definitions } from '../../../lab/machine/api/definitions';

/** PEM texts of a client of the secure machine API. */
export interface ClientCertificate {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** An answer that is an error: `7 PERMISSION_DENIED: not authorized`. */
export interface Refusal {
  readonly code: number;
  readonly details: string;
}

const same = (bytes: Buffer): Buffer => bytes;

/** A client as the Talos provider's: of maintenance mode without a certificate, which verifies nothing. */
export class MachineClient {
  private readonly client: Client;
  constructor(address: string, certificate?: ClientCertificate) {
    const secured =
      certificate === undefined
        ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
        : credentials.createSsl(
            Buffer.from(certificate.ca),
            Buffer.from(certificate.key),
            Buffer.from(certificate.certificate),
          );
    this.client = new Client(`${address}:50000`, secured, {
      'grpc.enable_http_proxy': 0,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 100,
    });
  }

  /** Waits for a connection whose certificates both sides accept. */
  async ready(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.client.waitForReady(Date.now() + 5000, (fault) => (fault === undefined ? resolve() : reject(fault)));
    });
    return this;
  }

  private prepare(path: string, request: object, headers: Headers): { metadata: Metadata; bytes: Buffer } {
    const metadata = new Metadata();
    for (const [key, values] of Object.entries(headers)) for (const value of [values].flat()) metadata.add(key, value);
    return { metadata, bytes: definitions().methods.get(path)?.encodeRequest(request) ?? Buffer.alloc(0) };
  }

  /** The decoded reply. Rejects with a {@link Refusal}. */
  call(path: string, request: object = {}, headers: Headers = {}): Promise<Record<string, unknown>> {
    const { metadata, bytes } = this.prepare(path, request, headers);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        path,
        same,
        same,
        bytes,
        metadata,
        { deadline: Date.now() + 5000 },
        (fault, reply) => {
          if (fault === null && reply !== undefined)
            resolve((definitions().methods.get(path)?.decodeResponse(reply) ?? {}) as Record<string, unknown>);
          else reject(fault ?? new Error('no reply'));
        },
      );
    });
  }
  /** What a call was refused with, as `7 not authorized`; `0` where it was not. */
  async refusal(path: string, request: object = {}, headers: Headers = {}): Promise<string> {
    try {
      const method = definitions().methods.get(path);
      await (method?.responseStream === true
        ? this.collect(path, request, headers, 1)
        : this.call(path, request, headers));
      return '0';
    } catch (fault) {
      const { code, details } = fault as Refusal;
      return `${code} ${details}`;
    }
  }
  /** Decoded messages of a stream: all of them, or the first `limit`. Rejects with a {@link Refusal}. */
  async collect(
    path: string,
    request: object = {},
    headers: Headers = {},
    limit = Infinity,
  ): Promise<Record<string, unknown>[]> {
    const { metadata, bytes } = this.prepare(path, request, headers);
    const call = this.client.makeServerStreamRequest(path, same, same, bytes, metadata, {
      deadline: Date.now() + 5000,
    });
    const messages: Record<string, unknown>[] = [];
    for await (const reply of call) {
      messages.push(
        (definitions()
          .methods.get(path)
          ?.decodeResponse(reply as Buffer) ?? {}) as Record<string, unknown>,
      );
      if (messages.length >= limit) {
        call.on('error', () => undefined).cancel();
        break;
      }
    }
    return messages;
  }
  close(): void {
    this.client.close();
  }
}
