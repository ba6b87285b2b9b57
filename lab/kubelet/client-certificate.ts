import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createSigningRequest } from '../control-plane/certificate';
import { KubernetesClient, sleep } from '../control-plane/kubernetes-client';
import type { KeyPair } from '../control-plane/machine-config';
import { writeSecretFile } from '../control-plane/secret-file';

export interface CertificateSource {
  readonly nodeName: string;
  /** Without trailing slash. */
  readonly server: string;
  readonly caCert: string;
  /** Bootstrap token. */
  readonly token: string;
  /** Certificate and key in one PEM file, as the kubelet's `kubelet-client-current.pem`. */
  readonly path: string;
}

interface SigningRequest {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly certificate?: string;
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
  };
}

const COLLECTION = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const POLL_MS = 150;
const SIGNING_TIMEOUT_MS = 60_000;

/** The node's certificate from an earlier start, where it still holds; else undefined. */
export const storedCertificate = ({ path, nodeName, caCert }: CertificateSource): KeyPair | undefined => {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const split = text.indexOf('-----BEGIN PRIVATE KEY-----');
  const pair = { cert: text.slice(0, split), key: text.slice(split) };
  const certificate = new X509Certificate(pair.cert);
  const isOurs = certificate.subject.split('\n').includes(`CN=system:node:${nodeName}`);
  const isSigned = certificate.verify(new X509Certificate(caCert).publicKey);
  return isOurs && isSigned && Date.parse(certificate.validTo) > Date.now() ? pair : undefined;
};

/**
 * TLS bootstrap: asks for a client certificate with the bootstrap token and waits until the controller manager
 * has approved and signed it.
 * @throws Error where the API does not answer, the token is not known yet, or nobody signs in time: try again
 */
export const requestCertificate = async (source: CertificateSource): Promise<KeyPair> => {
  const client = new KubernetesClient({
    server: source.server,
    caCert: source.caCert,
    client: { token: source.token },
  });
  try {
    const subject = { organization: 'system:nodes', commonName: `system:node:${source.nodeName}` };
    const { request, key } = await createSigningRequest(subject);
    const made = await client.call<SigningRequest>('POST', COLLECTION, {
      body: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: 'csr-' },
        spec: {
          request: Buffer.from(request).toString('base64'),
          signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
          usages: ['digital signature', 'client auth'],
        },
      },
    });
    const cert = await signed(client, made.metadata.name);
    writeSecretFile(source.path, cert + key);
    return { cert, key };
  } finally {
    client.close();
  }
};

const signed = async (client: KubernetesClient, name: string): Promise<string> => {
  const end = Date.now() + SIGNING_TIMEOUT_MS;
  while (Date.now() < end) {
    const { status } = await client.call<SigningRequest>('GET', `${COLLECTION}/${name}`);
    if (status?.certificate !== undefined) return Buffer.from(status.certificate, 'base64').toString('utf8');
    const bad = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (bad !== undefined)
      throw new Error(`certificate signing request ${name} is ${bad.type}: ${bad.message ?? 'no reason given'}`);
    await sleep(POLL_MS);
  }
  throw new Error(`certificate signing request ${name} was not signed within ${SIGNING_TIMEOUT_MS / 1000} s`);
};
