import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';

/** A certificate and its key as PEM. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** A certificate authority that lives as long as a test. */
export class ThrowawayAuthority {
  static async create(): Promise<ThrowawayAuthority> {
    const keys = await newKeys();
    const extensions = [new BasicConstraintsExtension(true, undefined, true)];
    const options = { name: 'CN=throwaway', keys, signingAlgorithm: ALGORITHM, extensions };
    return new ThrowawayAuthority(await X509CertificateGenerator.createSelfSigned(options, webcrypto), keys.privateKey);
  }

  private constructor(
    private readonly root: X509Certificate,
    private readonly rootKey: webcrypto.CryptoKey,
  ) {}

  get certificate(): string {
    return this.root.toString('pem');
  }

  /** A certificate for `name`, as a server at 127.0.0.1 or a client. */
  async issue(name: string): Promise<Credential> {
    const { publicKey, privateKey } = await newKeys();
    const certificate = await X509CertificateGenerator.create(
      {
        subject: `CN=${name}`,
        issuer: this.root.subject,
        publicKey,
        signingKey: this.rootKey,
        signingAlgorithm: ALGORITHM,
        extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
      },
      webcrypto,
    );
    const key = await webcrypto.subtle.exportKey('pkcs8', privateKey);
    return { certificate: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
  }
}
