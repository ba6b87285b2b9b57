import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** Certificate and key of one party, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const utcTime = (at: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2, 14)}Z`,
    ),
  );

const ED25519 = sequence(der(0x06, Buffer.from('2b6570', 'hex')));
const COMMON_NAME = der(0x06, Buffer.from('550403', 'hex'));
const DAY_MS = 86_400_000;

/**
 * The server certificate of maintenance mode, which no client verifies: an Ed25519 key that signed itself. Written
 * out here, since the library that issues the other certificates costs each starting machine 0.15 s and 10 MB.
 */
export const selfSigned = (commonName: string, now: Date): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f); // positive, and never short
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ED25519,
    name,
    sequence(utcTime(new Date(now.getTime() - DAY_MS)), utcTime(new Date(now.getTime() + 365 * DAY_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(content, ED25519, der(0x03, Buffer.from([0]), sign(null, content, privateKey)));
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${(certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
