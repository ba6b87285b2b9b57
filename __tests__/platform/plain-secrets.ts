import { parse } from 'yaml';

/** A value, not the name of a Secret or of a key in one, beside a word that promises a secret. */
const PROMISING =
  /^[ \t"-]*\S*(?:password|passwd|token|api-?key|secret-?key|private-?key|client_secret)"?[ \t]*[:=][ \t]*["']?([^\s"'{]+)/gim;
/** Names of Secrets and keys, and expressions of Terraform: what stands beside such a word in the rendered trees. */
const NAMES = new Set(['harbor-encryption', 'harbor-admin', 'admin-password', 'password', 'false', 'PASSWORD']);
const KEYS = /-----BEGIN (?!AGE ENCRYPTED FILE|CERTIFICATE)|AGE-SECRET-KEY|eyJhbGci/;

interface Content {
  readonly kind?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}

/** Fields of a Secret that anyone could read: all but those that SOPS has encrypted. */
const openFields = ({ kind, data, stringData }: Content): string[] =>
  kind === 'Secret'
    ? Object.entries({ ...data, ...stringData })
        .filter(([, value]) => !String(value).startsWith('ENC[AES256_GCM,'))
        .map(([key]) => key)
    : [];

/** What looks like a plain secret in files, by path. */
export const plainSecretsIn = (files: ReadonlyMap<string, string>): string[] =>
  [...files].flatMap(([path, text]) => {
    const object = path.endsWith('.yaml') ? (parse(text) as Content) : {};
    const isSealed = object.kind === 'SealedSecret' || object.kind === 'Secret';
    const values = isSealed ? [] : [...text.matchAll(PROMISING)].map(([, value = '']) => value);
    return [
      ...openFields(object).map((field) => `${path}: ${field} of a Secret`),
      ...values.filter((value) => !NAMES.has(value) && !value.startsWith('$')).map((value) => `${path}: ${value}`),
      ...(KEYS.test(text) ? [`${path}: a key`] : []),
    ];
  });
