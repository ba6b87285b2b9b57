import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  createAuthority,
  createSigningRequest,
  issueCertificate,
  standardKeyLabel,
} from '../../../lab/control-plane/certificate';

const HOUR_MS = 3_600_000;

describe('certificates of a control plane', () => {
  test('a certificate is signed by its authority, with names, usages and time as asked for', async () => {
    const ca = await createAuthority({ organization: 'kubernetes' }, 87_600);
    const { cert } = await issueCertificate(ca, {
      commonName: 'kube-apiserver',
      organization: 'kube-master',
      usages: ['server', 'client'],
      sans: ['10.0.1.1', 'localhost', '10.0.1.1'],
      hours: 24,
    });
    const leaf = new X509Certificate(cert);
    const authority = new X509Certificate(ca.cert);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.subject).toBe('O=kube-master\nCN=kube-apiserver');
    expect(leaf.subjectAltName).toBe('IP Address:10.0.1.1, DNS:localhost');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect((Date.parse(leaf.validTo) - Date.now()) / HOUR_MS).toBeCloseTo(24, 1);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
  });

  test.each(['rsa', 'ed25519'] as const)('an authority with a key of type %s signs too', async (type) => {
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = type === 'rsa' ? pem : pem.replaceAll('PRIVATE KEY', 'ED25519 PRIVATE KEY');
    const { cert } = await createAuthority({ organization: 'talos' }, 1);
    const leaf = await issueCertificate({ cert, key }, { usages: ['client'], hours: 1 });
    expect(new X509Certificate(leaf.cert).issuer).toBe('O=talos');
  });

  test('Talos labels an Ed25519 key with a name of its own', () => {
    expect(standardKeyLabel('-----BEGIN ED25519 PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  test('a signing request is PEM with its key beside it', async () => {
    const { request, key } = await createSigningRequest({
      organization: 'system:nodes',
      commonName: 'system:node:worker0',
    });
    expect(request).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });
});
