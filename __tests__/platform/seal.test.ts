import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { platform, type Ran } from './platform-process';

// Each case starts processes
jest.setTimeout(60_000);

const ALGORITHM = {
  name: 'RSA-OAEP',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const SIGNING = { ...ALGORITHM, name: 'RSASSA-PKCS1-v1_5' };
type Keys = webcrypto.CryptoKeyPair;

/** Opens a sealed value by another library than the one that sealed it, as pkg/crypto of sealed-secrets describes the format. */
const open = async (key: webcrypto.CryptoKey, label: string, sealed: string): Promise<string> => {
  const bytes = Buffer.from(sealed, 'base64');
  const end = 2 + bytes.readUInt16BE();
  const session = await webcrypto.subtle.decrypt(
    { name: 'RSA-OAEP', label: Buffer.from(label) },
    key,
    bytes.subarray(2, end),
  );
  const aes = await webcrypto.subtle.importKey('raw', session, 'AES-GCM', false, ['decrypt']);
  const opened = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, aes, bytes.subarray(end));
  return Buffer.from(opened).toString();
};

const certificateOf = async (keys: Keys, notAfter: Date): Promise<string> =>
  (
    await X509CertificateGenerator.createSelfSigned({
      keys,
      name: 'CN=sealed-secret',
      notBefore: new Date('2020-01-01'),
      notAfter,
      signingAlgorithm: SIGNING,
    })
  ).toString('pem');

/** Everything that lies below a folder, as one text. */
const allTextBelow = (folder: string): string =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as { name: string; path: string; isFile(): boolean }[])
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.path, entry.name), 'utf8'))
    .join('\n');

describe('T-16 sealing a Secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-seal-'));
  const environment = { GROUNDWORK_SEALED_DIR: folder };
  const file = join(folder, 'infrastructure/gitea/gitea-admin.yaml');
  let privateKey: webcrypto.CryptoKey;

  const seal = (parameters: readonly string[]): Ran => platform(['seal', ...parameters], environment);
  const give = (name: string, value: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'groundwork-value-')), name);
    writeFileSync(path, value, { mode: 0o600 });
    return path;
  };
  const bothValues = ['--from', `username=${give('u', 'admin')}`, `password=${give('p', 'correct horse\n')}`];

  beforeAll(async () => {
    const keys = await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);
    mkdirSync(join(folder, 'infrastructure'), { recursive: true });
    writeFileSync(join(folder, 'infrastructure/certificate.pem'), await certificateOf(keys, new Date('2199-01-01')));
    writeFileSync(join(folder, 'ended.pem'), await certificateOf(keys, new Date('2021-01-01')));
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['decrypt']);
  });

  test('a key of no Secret, and one whose value is missing, are refused; nothing is written', () => {
    expect(seal(['gitea/gitea-admin', '--from', `pasword=${give('p', 'x')}`])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: key "pasword" is not needed; there are username, password\n',
    });
    expect(seal(['gitea/gitea-admin', '--from', `username=${give('u', 'x')}`])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: no value for password, and no terminal to ask at; give --from password=<file>\n',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('a certificate that has ended seals nothing', () => {
    const { status, stderr } = seal(['gitea/gitea-admin', ...bothValues, '--certificate', join(folder, 'ended.pem')]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'error: the certificate ended on Jan  1 00:00:00 2021 GMT; fetch the newest: kubeseal --fetch-cert\n',
    });
  });

  test('the private key opens what was sealed, under its own name alone', async () => {
    expect(seal(['gitea/gitea-admin', ...bothValues])).toEqual({
      status: 0,
      stdout: `${file}\n`,
      stderr: 'now: npx groundwork platform render\n',
    });
    const { kind, metadata, spec } = parse(readFileSync(file, 'utf8')) as {
      kind: string;
      metadata: unknown;
      spec: { encryptedData: { username: string; password: string } };
    };
    expect({ kind, metadata }).toEqual({
      kind: 'SealedSecret',
      metadata: { name: 'gitea-admin', namespace: 'gitea' },
    });
    const { username, password } = spec.encryptedData;
    expect(await open(privateKey, 'gitea/gitea-admin', username)).toBe('admin');
    expect(await open(privateKey, 'gitea/gitea-admin', password)).toBe('correct horse\n');
    await expect(open(privateKey, 'harbor/gitea-admin', password)).rejects.toThrow();
    expect(allTextBelow(folder)).not.toMatch(/correct horse|Y29ycmVjdCBob3JzZ/);
  });

  test('the rendered tree has it in the stage that needs it, which waits for who opens it', () => {
    const output = mkdtempSync(join(tmpdir(), 'groundwork-rendered-'));
    expect(platform(['render', '--output', output], environment).status).toBe(0);
    const rendered = join(output, 'infrastructure');
    expect(readFileSync(join(rendered, 'services/gitea/SealedSecret-gitea-admin.yaml'), 'utf8')).toContain(
      'kind: SealedSecret',
    );
    const { spec } = parse(readFileSync(join(rendered, 'flux/gitea.yaml'), 'utf8')) as {
      spec: { dependsOn: { name: string }[] };
    };
    expect(spec.dependsOn.map(({ name }) => name)).toContain('sealed-secrets');
  });

  test('at a terminal the values are asked for, and none is shown', async () => {
    const command = `${process.execPath} --import tsx platform/cli.ts seal cert-manager/powerdns-api`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: join(__dirname, '../..'),
      env: { ...process.env, ...environment },
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const asked = shown.includes(' api-key: ');
      shown += chunk.toString();
      if (!asked && shown.includes(' api-key: ')) child.stdin.write('typed-kex\u007fy\r');
    });
    const [status] = (await once(child, 'close')) as [number];
    expect({ status, shown }).toEqual({
      status: 0,
      shown: [
        'cert-manager/powerdns-api api-key: ',
        join(folder, 'infrastructure/cert-manager/powerdns-api.yaml'),
        'now: npx groundwork platform render',
        '',
      ].join('\r\n'),
    });
    const sealed = parse(readFileSync(join(folder, 'infrastructure/cert-manager/powerdns-api.yaml'), 'utf8')) as {
      spec: { encryptedData: Record<string, string> };
    };
    const value = sealed.spec.encryptedData['api-key'] ?? '';
    expect(await open(privateKey, 'cert-manager/powerdns-api', value)).toBe('typed-key');
  });
});
