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

export type Message = Record<string, unknown>;

const encode = (path: string, request: object): Buffer =>
  definitions().methods.get(path)?.encodeRequest(request) ?? Buffer.alloc(0);
const decode = (path: string, reply: Buffer): Message =>
  (definitions().methods.get(path)?.decodeResponse(reply) ?? {}) as Message;
/** Long enough for a busy machine; nothing that works needs a tenth of it. */
const DEADLINE_MS = 20_000;
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
      this.client.waitForReady(Date.now() + DEADLINE_MS, (fault) => (fault === undefined ? resolve() : reject(fault)));
    });
    return this;
  }

  private metadata(headers: Headers): Metadata {
    const metadata = new Metadata();
    for (const [key, values] of Object.entries(headers)) for (const value of [values].flat()) metadata.add(key, value);
    return metadata;
  }

  /** Bytes in, bytes out. Rejects with a {@link Refusal}. */
  unary(path: string, request: Buffer, headers: Headers): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + DEADLINE_MS;
      this.client.makeUnaryRequest(path, same, same, request, this.metadata(headers), { deadline }, (fault, reply) => {
        if (fault === null && reply !== undefined) resolve(reply);
        else reject(fault ?? new Error('no reply'));
      });
    });
  }
  /** Messages of a stream: all of them, or the first `limit`. Rejects with a {@link Refusal}. */
  async stream(path: string, request: Buffer, headers: Headers, limit = Infinity): Promise<Buffer[]> {
    const deadline = Date.now() + DEADLINE_MS;
    const call = this.client.makeServerStreamRequest(path, same, same, request, this.metadata(headers), { deadline });
    const messages: Buffer[] = [];
    for await (const reply of call) {
      messages.push(reply as Buffer);
      if (messages.length < limit) continue;
      call.on('error', () => undefined).cancel();
      break;
    }
    return messages;
  }

  /** The decoded reply. Rejects with a {@link Refusal}. */
  async call(path: string, request: object = {}, headers: Headers = {}): Promise<Message> {
    return decode(path, await this.unary(path, encode(path, request), headers));
  }
  /** Decoded messages of a stream: all of them, or the first `limit`. Rejects with a {@link Refusal}. */
  async collect(path: string, request: object = {}, headers: Headers = {}, limit = Infinity): Promise<Message[]> {
    return (await this.stream(path, encode(path, request), headers, limit)).map((reply) => decode(path, reply));
  }
  /** What a call was refused with, as `7 not authorized`; `0` where it was not. */
  async refusal(path: string, request: object = {}, headers: Headers = {}): Promise<string> {
    try {
      const streamed = definitions().methods.get(path)?.responseStream === true;
      await (streamed ? this.collect(path, request, headers, 1) : this.call(path, request, headers));
      return '0';
    } catch (fault) {
      const { code, details } = fault as Refusal;
      return `${code} ${details}`;
    }
  }
  close(): void {
    this.client.close();
  }
}
