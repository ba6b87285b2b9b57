import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from './machine-config';

export interface CertificateSubject {
  readonly commonName?: string;
  readonly organization?: string;
}

export interface CertificateRequest extends CertificateSubject {
  readonly usages: readonly ('server' | 'client')[];
  /** Host names and addresses; duplicates are dropped. */
  readonly sans?: readonly string[];
  readonly hours: number;
}

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const USAGE = { server: ExtendedKeyUsage.serverAuth, client: ExtendedKeyUsage.clientAuth };
/** Clocks of nodes may differ by this much (Talos pkg/kubeconfig/generate.go, allowedTimeSkew). */
const SKEW_MS = 10_000;
const HOUR_MS = 3_600_000;

/** A certificate with a fresh ECDSA P-256 key, signed by `ca` (EC, RSA or Ed25519). */
export const issueCertificate = async (ca: KeyPair, request: CertificateRequest): Promise<KeyPair> => {
  const issuer = new X509Certificate(ca.cert);
  const { key: signingKey, algorithm } = await importSigningKey(ca.key);
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const sans = [...new Set(request.sans ?? [])];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: subjectName(request),
    issuer: issuer.subjectName,
    notBefore: new Date(Date.now() - SKEW_MS),
    notAfter: new Date(Date.now() + request.hours * HOUR_MS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension(request.usages.map((usage) => USAGE[usage])),
      ...authorityKey(issuer),
      ...(sans.length === 0
        ? []
        : [
            new SubjectAlternativeNameExtension(
              sans.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
            ),
          ]),
    ],
  });
  return { cert: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
};

/** A self-signed authority, as Talos' machine secrets hold one. */
export const createAuthority = async (subject: CertificateSubject, hours: number): Promise<KeyPair> => {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: subjectName(subject),
    notBefore: new Date(Date.now() - SKEW_MS),
    notAfter: new Date(Date.now() + hours * HOUR_MS),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { cert: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
};

/** A fresh key and a signing request for it, both PEM. */
export const createSigningRequest = async (subject: CertificateSubject): Promise<{ request: string; key: string }> => {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subjectName(subject),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return { request: `${request.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
};

/** The authority's own identifier, where it has one: Talos does not compute it as OpenSSL does. */
const authorityKey = (issuer: X509Certificate): AuthorityKeyIdentifierExtension[] => {
  const identifier = issuer.getExtension(SubjectKeyIdentifierExtension);
  return identifier === null ? [] : [new AuthorityKeyIdentifierExtension(identifier.keyId)];
};

/** RFC 5280 allows 20 octets and no negative number. */
const serial = (): string => `00${randomBytes(16).toString('hex')}`;

const subjectName = ({ organization, commonName }: CertificateSubject): Record<string, string[]>[] => [
  ...(organization === undefined ? [] : [{ O: [organization] }]),
  ...(commonName === undefined ? [] : [{ CN: [commonName] }]),
];

const exportKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;

/** Talos labels a PKCS#8 Ed25519 key with its own name; OpenSSL knows only `PRIVATE KEY`. */
export const standardKeyLabel = (pem: string): string => pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

const importSigningKey = async (pem: string): Promise<{ key: webcrypto.CryptoKey; algorithm: EcdsaAlgorithm }> => {
  const key = createPrivateKey(standardKeyLabel(pem));
  const algorithm = SIGNING[key.asymmetricKeyType ?? ''];
  if (algorithm === undefined) {
    throw new Error(
      `certificate authority has a key of type ${key.asymmetricKeyType ?? 'unknown'}: ec, rsa or ed25519 is needed`,
    );
  }
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  return { key: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']), algorithm };
};

interface EcdsaAlgorithm {
  readonly name: string;
  readonly namedCurve: string;
  readonly hash: string;
}

const SIGNING: Readonly<Record<string, EcdsaAlgorithm>> = {
  ec: { ...EC, hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', namedCurve: '', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519', namedCurve: '', hash: '' },
};
