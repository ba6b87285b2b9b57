import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { CertificateAuthority, createRequest } from '../../../lab/machine/pki/certificates';
import { askTrustd, serveTrustd } from '../../../lab/machine/pki/trustd';
import { createMachineSecrets, type MachineSecrets } from './machine-secrets';

const ADDRESS = '127.74.0.1';

describe('trustd', () => {
  let secrets: MachineSecrets;
  let stop: () => void;

  beforeAll(async () => {
    secrets = await createMachineSecrets();
    const authority = await CertificateAuthority.load(secrets.ca, secrets.key);
    const server = await authority.issueServer('controlplane0', [ADDRESS], new Date());
    stop = await serveTrustd({
      address: `${ADDRESS}:50001`,
      ...{ server, token: 'right', authority, acceptedCas: [secrets.ca], now: () => new Date(), log: () => undefined },
    });
  });
  afterAll(() => stop());

  const ask = async (token: string, host = ADDRESS, request?: string): ReturnType<typeof askTrustd> =>
    askTrustd({
      ...{ host, token, acceptedCas: [secrets.ca] },
      request: request ?? (await createRequest('worker0', ['10.0.2.1', 'worker0'])).request,
    });

  test('signs a request for a server, with its names', async () => {
    const { ca, certificate } = await ask('right');
    const signed = new X509Certificate(certificate);
    expect(ca).toBe(secrets.ca);
    expect(signed.verify(new X509Certificate(secrets.ca).publicKey)).toBe(true);
    expect(signed.subject).toBe('CN=worker0');
    expect(signed.subjectAltName).toBe('IP Address:10.0.2.1, DNS:worker0');
    expect(signed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  test('takes the organizations out, which would be roles', async () => {
    const keys = (await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair;
    const name = [{ O: ['os:admin'] }, { CN: ['worker0'] }];
    const request = await Pkcs10CertificateRequestGenerator.create({
      name,
      keys,
      signingAlgorithm: { name: 'Ed25519' },
    });
    const { certificate } = await ask('right', ADDRESS, request.toString('pem'));
    expect(new X509Certificate(certificate).subject).toBe('CN=worker0');
  });

  test.each([
    ['a wrong token', 'wrong', undefined, 'invalid token'],
    ['what is no request', 'right', 'hello', 'failed to decode CSR'],
  ])('refuses %s', async (_what, token, request, answer) => {
    await expect(ask(token, ADDRESS, request)).rejects.toThrow(answer);
  });

  test('a server whose certificate is for another address is not believed', async () => {
    await expect(ask('right', '127.74.0.2')).rejects.toMatchObject({ number: 14 });
  });
});
