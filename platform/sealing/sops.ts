import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { armor, Encrypter } from 'age-encryption';
import { SpecError } from '../../modules/model/spec-error';
import type { SecretName } from './envelope';

// The format of SOPS (getsops/sops: sops.go, aes/cipher.go, age/keysource.go)
const DATA_KEY_BYTES = 32;
/** Longer than GCM's usual 12, as SOPS has it. */
const NONCE_BYTES = 32;
/** What is encrypted; all else of a Secret is open, and covered by the MAC. */
const ENCRYPTED = '^(data|stringData)$';
/** Of SOPS itself, which the format is that of. */
const VERSION = '3.9.0';

/**
 * Age recipients of a file, one a line; a line that begins with `#` is a comment.
 * @throws SpecError where there is none, or a line is no recipient
 */
export const recipientsIn = (file: string, text: string): string[] => {
  const lines = text.split('\n').map((line) => line.trim());
  const recipients = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const wrong = recipients.find((line) => !/^age1[02-9ac-hj-np-z]{58}$/.test(line));
  if (wrong !== undefined) throw new SpecError(`"${wrong}" in ${file} is no age recipient; write age1… of age-keygen`);
  if (recipients.length === 0)
    throw new SpecError(`${file} has no age recipient; write age1… of age-keygen, one a line`);
  return recipients;
};

const encrypt = (key: Buffer, value: string, boundTo: string): string => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  const [encoded, iv, tag] = [data, nonce, cipher.getAuthTag()].map((part) => part.toString('base64'));
  return `ENC[AES256_GCM,data:${encoded ?? ''},iv:${iv ?? ''},tag:${tag ?? ''},type:str]`;
};

const wrap = async (recipient: string, key: Buffer): Promise<string> => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(key));
};

/**
 * A Secret as SOPS encrypts it for age recipients: Flux opens it with the key of any of them. Each value is bound to its place, and
 * the MAC covers the whole object in its order, so neither may be changed after.
 * @param values by key, byte for byte
 */
export const sopsSecret = async (
  recipients: readonly string[],
  { namespace, name }: SecretName,
  values: ReadonlyMap<string, Buffer>,
  now: Date,
): Promise<object> => {
  const key = randomBytes(DATA_KEY_BYTES);
  const lastmodified = `${now.toISOString().slice(0, 19)}Z`;
  const open = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } };
  const data = [...values].map(([field, value]): [string, string] => [field, value.toString('base64')]);
  const mac = createHash('sha512');
  for (const value of [open.apiVersion, open.kind, name, namespace, ...data.map(([, encoded]) => encoded)])
    mac.update(value);
  return {
    ...open,
    data: Object.fromEntries(data.map(([field, encoded]) => [field, encrypt(key, encoded, `data:${field}:`)])),
    sops: {
      age: await Promise.all(recipients.map(async (recipient) => ({ recipient, enc: await wrap(recipient, key) }))),
      lastmodified,
      mac: encrypt(key, mac.digest('hex').toUpperCase(), lastmodified),
      encrypted_regex: ENCRYPTED,
      version: VERSION,
    },
  };
};
