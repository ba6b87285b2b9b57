import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { ApiError } from './api-error';
import type { Backend, Call } from './backend';
import { definitions } from './definitions';
import { METHOD_PATHS, parseRoles, type Role } from './roles';

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const same = (bytes: Buffer): Buffer => bytes;

export interface ListenerInput {
  /** As `0.0.0.0:50000`. */
  readonly address: string;
  /** PEM texts of the server. */
  readonly certificate: string;
  readonly key: string;
  /** PEM texts of the CAs of clients; undefined: nobody is asked for a certificate. */
  readonly clientCas: readonly string[] | undefined;
  /** Roles of a caller without a certificate. */
  readonly anonymousRoles: ReadonlySet<Role>;
  readonly backend: Backend;
  /** Called when a call has ended; `code` is a gRPC status. */
  readonly onCall: (path: string, code: number, message: string) => void;
}

type GrpcCall = Pick<ServerUnaryCall<Buffer, Buffer>, 'metadata' | 'getAuthContext' | 'getHost' | 'getDeadline'> & {
  on(event: 'cancelled', listener: () => void): unknown;
};

/** O of the certificate; roles of others only from a caller that may speak for them. Source: pkg/grpc/middleware/authz/injector.go. */
const rolesOf = (call: GrpcCall, anonymous: ReadonlySet<Role>): ReadonlySet<Role> => {
  const organizations = call.getAuthContext().sslPeerCertificate?.subject.O as string | readonly string[] | undefined;
  if (organizations === undefined) return anonymous;
  const roles = parseRoles([organizations].flat());
  if (!roles.has('os:impersonator')) return roles;
  const spokenFor = call.metadata
    .get('talos-role')
    .flatMap((value) => String(value).split(','))
    .map((value) => value.trim());
  return spokenFor.length > 0 ? parseRoles(spokenFor) : roles;
};

/** The listener of the machine API: gRPC over TLS, every method of Talos by its path, bytes in and bytes out. */
export class ApiListener {
  private readonly ending = new AbortController();

  private constructor(
    private readonly server: Server,
    private readonly input: ListenerInput,
  ) {}

  /** Rejects where the address is taken. */
  static async open(input: ListenerInput): Promise<ApiListener> {
    const server = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
    const listener = new ApiListener(server, input);
    for (const path of new Set([...METHOD_PATHS, ...definitions().methods.keys()]))
      if (!path.startsWith('/securityapi.')) listener.register(path);
    const { clientCas } = input;
    const secured = ServerCredentials.createSsl(
      clientCas === undefined ? null : Buffer.from(clientCas.join('\n')),
      [{ cert_chain: Buffer.from(input.certificate), private_key: Buffer.from(input.key) }],
      clientCas !== undefined,
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(input.address, secured, (fault) => (fault === null ? resolve() : reject(fault)));
    });
    return listener;
  }

  private call(path: string, grpc: GrpcCall): Call {
    const gone = new AbortController();
    grpc.on('cancelled', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.ending.signal]);
    return {
      path,
      metadata: grpc.metadata,
      roles: rolesOf(grpc, this.input.anonymousRoles),
      host: grpc.getHost(),
      deadline: grpc.getDeadline(),
      signal,
    };
  }

  private failed(path: string, fault: unknown): ApiError['status'] {
    const { status } = ApiError.from(fault);
    this.input.onCall(path, status.code, status.details);
    return status;
  }

  private register(path: string): void {
    const method = definitions().methods.get(path);
    if (method?.responseStream === true)
      this.server.register(
        path,
        (grpc: ServerWritableStream<Buffer, Buffer>) => this.serveStream(path, grpc),
        same,
        same,
        'serverStream',
      );
    else if (method?.requestStream === true)
      this.server.register(
        path,
        (grpc: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
          this.answer(path, this.input.backend.upload(this.call(path, grpc), grpc as AsyncIterable<Buffer>), reply),
        same,
        same,
        'clientStream',
      );
    else
      this.server.register(
        path,
        (grpc: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
          this.answer(path, this.input.backend.unary(this.call(path, grpc), grpc.request), reply),
        same,
        same,
        'unary',
      );
  }

  private answer(path: string, answer: Promise<Buffer>, reply: sendUnaryData<Buffer>): void {
    answer.then(
      (bytes) => {
        this.input.onCall(path, 0, '');
        reply(null, bytes);
      },
      (fault: unknown) => reply(this.failed(path, fault)),
    );
  }

  private serveStream(path: string, grpc: ServerWritableStream<Buffer, Buffer>): void {
    const call = this.call(path, grpc);
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve) => {
        if (call.signal.aborted || grpc.write(bytes)) {
          resolve();
          return;
        }
        const done = (): void => {
          grpc.off('drain', done);
          call.signal.removeEventListener('abort', done);
          resolve();
        };
        grpc.once('drain', done);
        call.signal.addEventListener('abort', done);
      });
    this.input.backend.stream(call, grpc.request, send).then(
      () => {
        this.input.onCall(path, 0, '');
        grpc.end();
      },
      (fault: unknown) => grpc.emit('error', this.failed(path, fault)),
    );
  }

  /** Stops listening at once; calls under way have `graceMs` to end. */
  async close(graceMs = 500): Promise<void> {
    this.ending.abort();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, graceMs);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
