import 'reflect-metadata';
import { createPrivateKey, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './self-signed';

const ED25519 = { name: 'Ed25519' };
const HOUR_MS = 3_600_000;
/** A year. Talos' live a day and are renewed at half of it; the lab's machines never renew. */
const VALIDITY_MS = 365 * 24 * HOUR_MS;

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

type SubtleKeyPair = Awaited<ReturnType<typeof generate>>;
const generate = async (): Promise<{
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
}> => (await webcrypto.subtle.generateKey(ED25519, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/** Talos labels an Ed25519 key `ED25519 PRIVATE KEY`; its content is PKCS#8, which OpenSSL knows as `PRIVATE KEY`. */
const keyObject = (pem: string): KeyObject => createPrivateKey(pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'));

interface SigningAlgorithm {
  readonly name: string;
  readonly namedCurve: string;
  readonly hash: string;
}

/** What a signing key is called in webcrypto. @throws Error for a kind of key that no Talos version makes */
const algorithmOf = (key: KeyObject): SigningAlgorithm => {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { name: 'Ed25519', namedCurve: '', hash: '' };
    case 'rsa':
      return { name: 'RSASSA-PKCS1-v1_5', namedCurve: '', hash: 'SHA-256' };
    case 'ec':
      return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    default:
      throw new Error(
        `machine.ca.key is of the kind ${key.asymmetricKeyType ?? 'unknown'}: ed25519, ec and rsa can sign`,
      );
  }
};

const names = (sans: readonly string[]): x509.JsonGeneralNames =>
  sans.map((name) =>
    /^[\d.]+$/.test(name) || name.includes(':')
      ? ({ type: 'ip', value: name } as const)
      : ({ type: 'dns', value: name } as const),
  );

/** O values first, as Go writes a subject. */
const subjectOf = (commonName: string, organizations: readonly string[]): x509.JsonName => [
  ...organizations.map((value) => ({ O: [value] })),
  ...(commonName === '' ? [] : [{ CN: [commonName] }]),
];

/** A certificate authority that can sign. */
export class CertificateAuthority {
  private constructor(
    readonly certificate: x509.X509Certificate,
    private readonly key: webcrypto.CryptoKey,
    private readonly algorithm: SigningAlgorithm,
  ) {}

  /** @throws Error where the PEM texts do not hold a certificate and its key */
  static async load(certificate: string, key: string): Promise<CertificateAuthority> {
    const object = keyObject(key);
    const algorithm = algorithmOf(object);
    const imported = await webcrypto.subtle.importKey(
      'pkcs8',
      object.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      false,
      ['sign'],
    );
    return new CertificateAuthority(new x509.X509Certificate(certificate), imported, algorithm);
  }

  private sign(
    subject: x509.JsonName | string,
    publicKey: webcrypto.CryptoKey | x509.PublicKey,
    usage: string,
    sans: readonly string[],
    now: Date,
  ): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      subject,
      issuer: this.certificate.subjectName.toJSON(),
      publicKey,
      signingKey: this.key,
      signingAlgorithm: this.algorithm,
      notBefore: new Date(now.getTime() - HOUR_MS),
      notAfter: new Date(now.getTime() + VALIDITY_MS),
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(sans.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names(sans))]),
      ],
    });
  }

  async issueServer(commonName: string, sans: readonly string[], now: Date): Promise<KeyPair> {
    const pair = await generate();
    const certificate = await this.sign(subjectOf(commonName, []), pair.publicKey, SERVER_AUTH, sans, now);
    return { certificate: certificate.toString('pem'), key: await pemOf(pair.privateKey) };
  }
  /** A client of the machine API; its organizations are its roles. */
  async issueClient(commonName: string, organizations: readonly string[], now: Date): Promise<KeyPair> {
    const pair = await generate();
    const certificate = await this.sign(subjectOf(commonName, organizations), pair.publicKey, CLIENT_AUTH, [], now);
    return { certificate: certificate.toString('pem'), key: await pemOf(pair.privateKey) };
  }
  /**
   * Signs a request as trustd does: for a server only, with the request's names, and without its organizations, so
   * that nobody gets a role from it. Source: internal/app/trustd/internal/reg/reg.go.
   * @throws Error where the request is none, or its signature does not fit
   */
  async signRequest(pem: string, now: Date): Promise<string> {
    const request = new x509.Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) throw new Error('signature of the CSR does not fit its key');
    const extension = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
    const sans = extension === null ? [] : new x509.SubjectAlternativeNameExtension(extension.rawData).names.toJSON();
    const subject = request.subjectName.toJSON().filter((part) => !('O' in part));
    const certificate = await this.sign(
      subject,
      request.publicKey,
      SERVER_AUTH,
      sans.map(({ value }) => value),
      now,
    );
    return certificate.toString('pem');
  }
}

/** A request for a server certificate, and the key that it is for; both PEM. */
export const createRequest = async (
  commonName: string,
  sans: readonly string[],
): Promise<{ readonly request: string; readonly key: string }> => {
  const pair: SubtleKeyPair = await generate();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(commonName, []),
    keys: pair,
    signingAlgorithm: ED25519,
    extensions: [new x509.SubjectAlternativeNameExtension(names(sans))],
  });
  return { request: request.toString('pem'), key: await pemOf(pair.privateKey) };
};
