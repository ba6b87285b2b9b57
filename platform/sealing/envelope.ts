import { X509Certificate, constants, createCipheriv, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { SpecError } from '../../modules/model/spec-error';

/** Whose Secret it is. A sealed value opens under this name alone. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

// The format of sealed-secrets (its pkg/crypto): length of the RSA part in two bytes, the RSA part, the AES part with its tag
const SESSION_KEY_BYTES = 32;
const LENGTH_BYTES = 2;
/** All zeros, as sealed-secrets has it: each session key is used once. */
const NONCE = Buffer.alloc(12);

/** Scope "strict": the label binds the value to its namespace and name. */
const rsaOptions = ({ namespace, name }: SecretName) => ({
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from(`${namespace}/${name}`),
});

/**
 * The public key of the certificate that the controller of sealed-secrets publishes.
 * @param now a certificate that has ended seals nothing: the controller has a newer key by then
 * @throws SpecError where it is no certificate, has ended, or has another key than RSA
 */
export const sealingKey = (pem: string, now: Date): KeyObject => {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new SpecError('the certificate is not one in PEM; write what `kubeseal --fetch-cert` prints');
  }
  if (new Date(certificate.validTo) < now) {
    throw new SpecError(`the certificate ended on ${certificate.validTo}; fetch the newest: kubeseal --fetch-cert`);
  }
  const type = certificate.publicKey.asymmetricKeyType ?? 'unknown';
  if (type !== 'rsa') throw new SpecError(`the certificate has a key of type ${type}; sealed-secrets has RSA keys`);
  return certificate.publicKey;
};

/** What only the private key opens, and only under this name, in base64. */
export const sealValue = (key: KeyObject, of: SecretName, value: Buffer): string => {
  const session = randomBytes(SESSION_KEY_BYTES);
  const wrapped = publicEncrypt({ key, ...rsaOptions(of) }, session);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(wrapped.length);
  const cipher = createCipheriv('aes-256-gcm', session, NONCE);
  return Buffer.concat([length, wrapped, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
};
