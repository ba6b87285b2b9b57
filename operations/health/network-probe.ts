import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What a server shows of itself in a TLS handshake. */
export interface ServedCertificate {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface Ending {
  readonly destroy: (error?: Error) => unknown;
  readonly on: (event: 'error' | 'close', listener: (error: Error) => void) => unknown;
}

/** Settles when `start` says so, when the socket fails, or after the limit; the socket is gone then. */
const within = async <Answer>(
  limitMs: number,
  open: (answer: (value: Answer) => void, fault: (error: Error) => void) => Ending,
): Promise<Answer> => {
  let socket: Ending | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
      socket = open(resolve, reject);
      socket.on('error', reject);
    });
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
};

/** Nothing is verified: also of a certificate that has expired it is asked when it did. */
export const servedCertificate = (host: string, port: number, limitMs: number): Promise<ServedCertificate> =>
  within(limitMs, (answer) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, servername: '' }, () => {
      const { valid_from: notBefore, valid_to: notAfter } = socket.getPeerCertificate();
      answer({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) });
    });
    return socket;
  });

/** @throws Error where nobody takes the connection in time */
export const connects = (host: string, port: number, limitMs: number): Promise<void> =>
  within(limitMs, (answer) => connect(port, host, () => answer()));

/** Any answer is one, a refusal too. @throws Error where there is none in time */
export const dnsAnswers = async (host: string, zone: string, limitMs: number): Promise<void> => {
  const resolver = new Resolver({ timeout: limitMs, tries: 1 });
  resolver.setServers([host]);
  try {
    await resolver.resolveSoa(zone);
  } catch (error) {
    // Codes of node:dns for what a server has said; the others mean that there was none.
    const { code = '' } = error as { readonly code?: string };
    if (!['ENODATA', 'EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED'].includes(code)) throw error;
  } finally {
    resolver.cancel();
  }
};
