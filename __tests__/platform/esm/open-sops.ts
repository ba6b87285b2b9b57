import { createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { parse } from 'yaml';

/**
 * Run as a process of its own, as age is ESM. Without arguments: a new identity and its recipient. With an identity and a file:
 * the values of the Secret in it and whether its MAC fits, as SOPS opens and checks it (getsops/sops, sops.go and aes/cipher.go).
 */
interface SopsSecret {
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly sops: {
    readonly age: readonly { readonly enc: string }[];
    readonly mac: string;
    readonly lastmodified: string;
  };
}

const decrypt = (key: Buffer, sealed: string, boundTo: string): string => {
  const [, data = '', iv = '', tag = ''] = /^ENC\[AES256_GCM,data:(.*),iv:(.*),tag:(.*),type:str\]$/.exec(sealed) ?? [];
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'));
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(Buffer.from(tag, 'base64'));
  return decipher.update(data, 'base64', 'utf8') + decipher.final('utf8');
};

const open = async (identity: string, file: string): Promise<object> => {
  const { data, metadata, sops } = parse(readFileSync(file, 'utf8')) as SopsSecret;
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const [first] = sops.age;
  const key = Buffer.from(await decrypter.decrypt(armor.decode(first?.enc ?? '')));
  const values = Object.entries(data).map(([name, value]): [string, string] => [
    name,
    decrypt(key, value, `data:${name}:`),
  ]);
  const hash = createHash('sha512').update('v1').update('Secret').update(metadata.name).update(metadata.namespace);
  for (const [, value] of values) hash.update(value);
  return {
    ...Object.fromEntries(values.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()])),
    mac: decrypt(key, sops.mac, sops.lastmodified) === hash.digest('hex').toUpperCase() ? 'fits' : 'does not fit',
  };
};

const [, , identity, file] = process.argv;
const made = await generateX25519Identity();
process.stdout.write(
  JSON.stringify(
    identity === undefined || file === undefined
      ? { identity: made, recipient: await identityToRecipient(made) }
      : await open(identity, file),
  ),
);
