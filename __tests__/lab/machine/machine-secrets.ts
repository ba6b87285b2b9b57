import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { CertificateAuthority } from '../../../lab/machine/pki/certificates';
import type { ClientCertificate } from './machine-client';

/** The machine CA of a cluster, as the Talos provider makes one, and configs that carry it. */
export interface MachineSecrets {
  readonly ca: string;
  readonly key: string;
  client(...roles: readonly string[]): Promise<ClientCertificate>;
  /** Of the machine config: what the lab's machines read. */
  config(options: ConfigOptions): string;
}

export interface ConfigOptions {
  readonly type?: 'controlplane' | 'worker';
  readonly address: string;
  readonly hostname?: string;
  readonly endpoint?: string;
  readonly token?: string;
  readonly extraMachine?: string;
  readonly discovery?: boolean;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const createMachineSecrets = async (): Promise<MachineSecrets> => {
  const keys = (await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['talos'] }],
    keys,
    signingAlgorithm: { name: 'Ed25519' },
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const ca = certificate.toString('pem');
  // Talos' own label of such a key.
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'ED25519 PRIVATE KEY',
  );
  const authority = await CertificateAuthority.load(ca, key);
  return {
    ca,
    key,
    client: async (...roles) => ({ ca, ...(await authority.issueClient('client', roles, new Date())) }),
    config: ({
      type = 'controlplane',
      address,
      hostname = 'controlplane0',
      endpoint = address,
      token = 'wl4faq.secret',
      extraMachine = '',
      discovery = false,
    }) => `version: v1alpha1
machine:
  type: ${type}
  token: ${token}
  ca:
    crt: ${base64(ca)}
    key: "${type === 'controlplane' ? base64(key) : ''}"
  certSANs: [10.0.3.1]
  network:
    hostname: ${hostname}
    interfaces:
      - interface: eth0
        addresses: [${address}/8]
${extraMachine}cluster:
  id: lab-cluster
  controlPlane:
    endpoint: https://${endpoint}:6443
  discovery:
    enabled: ${String(discovery)}
  network:
    cni: { name: none }
`,
  };
};
