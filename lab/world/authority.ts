import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A server's key and certificate, both PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Signs the data centre's servers for as long as the lab lives; its key never leaves this process. */
export interface Authority {
  /** PEM of the CA's certificate. */
  readonly certificate: string;
  /** `names` are host names and addresses; the first one is the common name. */
  issue(names: readonly string[]): Promise<ServerCertificate>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 24 * 3600 * 1000;
/** A kept lab may live for days; a client whose clock is behind is let in. */
const LIFETIME = { beforeMs: DAY, afterMs: 30 * DAY };

const keyPair = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`;

const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^./, '1');

/** @param name common name, of which no two in one lab may be alike */
export const createAuthority = async (now: Date, name = 'groundwork rehearsal lab'): Promise<Authority> => {
  const validity = {
    notBefore: new Date(now.getTime() - LIFETIME.beforeMs),
    notAfter: new Date(now.getTime() + LIFETIME.afterMs),
  };
  const caKeys = await keyPair();
  const subject = `CN=${name}`;
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serial(),
    name: subject,
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    certificate: `${ca.toString('pem')}\n`,
    issue: async (names) => {
      const keys = await keyPair();
      const certificate = await X509CertificateGenerator.create({
        ...validity,
        serialNumber: serial(),
        subject: `CN=${names[0] ?? 'localhost'}`,
        issuer: subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(
            names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
          ),
        ],
      });
      const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
      return { key: pem('PRIVATE KEY', key), cert: `${certificate.toString('pem')}\n` };
    },
  };
};
