import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { ApiError } from '../api/api-error';
import { definitions } from '../api/definitions';
import type { CertificateAuthority } from './certificates';
import type { KeyPair } from './self-signed';

/** Port of trustd on every control plane. */
export const TRUSTD_PORT = 50001;
const PATH = '/securityapi.SecurityService/Certificate';
const ATTEMPT_MS = 2000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (bytes: Buffer): Buffer => bytes;

interface CertificateRequest {
  readonly csr: Buffer;
}
interface CertificateResponse {
  readonly ca: Buffer;
  readonly crt: Buffer;
}

export interface TrustdInput {
  /** As `0.0.0.0:50001`. */
  readonly address: string;
  readonly server: KeyPair;
  /** What a caller must know: `machine.token`. */
  readonly token: string;
  readonly authority: CertificateAuthority;
  readonly acceptedCas: readonly string[];
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** Signs the server certificates of workers, which hold no CA key. Returns how to stop. Rejects where the address is taken. */
export const serveTrustd = async (input: TrustdInput): Promise<() => void> => {
  const server = new Server();
  const sign = async (metadata: Metadata, bytes: Buffer): Promise<Buffer> => {
    const [token] = metadata.get('token').map(String);
    if (token === undefined) throw new ApiError('UNAUTHENTICATED', 'missing token');
    if (!timingSafeEqual(digest(token), digest(input.token))) throw new ApiError('UNAUTHENTICATED', 'invalid token');
    const method = definitions().methods.get(PATH);
    if (method === undefined) throw new ApiError('UNIMPLEMENTED', 'method Certificate not implemented');
    const { csr } = method.decodeRequest(bytes) as CertificateRequest;
    if (!csr.toString('utf8').includes('-----BEGIN CERTIFICATE REQUEST-----'))
      throw new ApiError('INVALID_ARGUMENT', 'failed to decode CSR');
    const crt = await input.authority.signRequest(csr.toString('utf8'), input.now()).catch((fault: unknown) => {
      throw new ApiError('INVALID_ARGUMENT', `failed to parse CSR: ${(fault as Error).message}`);
    });
    input.log('trustd: signed a server certificate');
    return method.encodeResponse({ ca: Buffer.from(input.acceptedCas.join('\n')), crt: Buffer.from(crt) });
  };
  server.register(
    PATH,
    (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      sign(call.metadata, call.request).then(
        (bytes) => reply(null, bytes),
        (fault: unknown) => reply(ApiError.from(fault).status),
      );
    },
    same,
    same,
    'unary',
  );
  const secured = ServerCredentials.createSsl(
    null,
    [{ cert_chain: Buffer.from(input.server.certificate), private_key: Buffer.from(input.server.key) }],
    false,
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(input.address, secured, (fault) => (fault === null ? resolve() : reject(fault)));
  });
  return () => server.forceShutdown();
};

export interface SigningRequest {
  /** Address or name of a control plane, or of the cluster endpoint. */
  readonly host: string;
  readonly port?: number;
  readonly token: string;
  /** PEM: who may answer. */
  readonly acceptedCas: readonly string[];
  /** PEM. */
  readonly request: string;
}

/**
 * Asks one trustd to sign a request. The server must present a certificate of an accepted CA for `host`.
 * Rejects with an ApiError: UNAVAILABLE where nobody answers in 2 s, UNAUTHENTICATED for a wrong token.
 */
export const askTrustd = ({
  host,
  port = TRUSTD_PORT,
  token,
  acceptedCas,
  request,
}: SigningRequest): Promise<{ readonly ca: string; readonly certificate: string }> => {
  const method = definitions().methods.get(PATH);
  if (method === undefined) return Promise.reject(new ApiError('UNIMPLEMENTED', 'method Certificate not implemented'));
  const client = new Client(
    `${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials.createSsl(Buffer.from(acceptedCas.join('\n'))),
    { 'grpc.enable_http_proxy': 0 },
  );
  const metadata = new Metadata();
  metadata.set('token', token);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH,
      same,
      same,
      method.encodeRequest({ csr: Buffer.from(request) }),
      metadata,
      { deadline: Date.now() + ATTEMPT_MS },
      (fault, reply) => {
        client.close();
        if (fault === null && reply !== undefined) {
          const { ca, crt } = method.decodeResponse(reply) as CertificateResponse;
          resolve({ ca: ca.toString('utf8'), certificate: crt.toString('utf8') });
        } else reject(ApiError.from(fault ?? new Error('no reply')));
      },
    );
  });
};
