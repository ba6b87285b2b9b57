/**
 * What a test does to a cluster of a lab session, inside the lab's namespaces, with the product's own clients:
 * `act.ts <cluster> proxmox <method> <path> [json]`, `kubernetes <method> <path> <json> <content type>`,
 * `fail-release <namespace> <name>`, `mend-release <namespace> <name>`, `expired-kubeconfig <file>`.
 */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { parse, stringify } from 'yaml';
import { findKubeconfig, stackFolder, terraformOutput } from '../../operations/deployment/credentials';
import { findCluster } from '../../operations/deployment/find-cluster';
import { KubernetesClient } from '../../operations/kubernetes/kubernetes-client';
import { ProxmoxClient, proxmoxAccess } from '../../operations/proxmox/proxmox-client';

const [cluster = '', what = '', ...args] = process.argv.slice(2);
const plan = findCluster(cluster, process.env);

const kubernetes = async (): Promise<KubernetesClient> => new KubernetesClient(await findKubeconfig(plan, process.env));

const proxmox = async ([method = '', path = '', form = '{}']: readonly string[]): Promise<void> => {
  const client = new ProxmoxClient(proxmoxAccess(plan.proxmox, process.env));
  const task = await client.call<string | null>(method, path, JSON.parse(form) as Record<string, string>);
  if (task?.startsWith('UPID:') === true) await client.finished(task);
};

interface ReleaseSecret {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data: { readonly release: string };
}

/** A further revision as Helm leaves it where an upgrade has failed. */
const failRelease = async ([namespace = '', name = '']: readonly string[]): Promise<void> => {
  const client = await kubernetes();
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const { metadata, data } = await client.get<ReleaseSecret>(`${path}/sh.helm.release.v1.${name}.v1`);
  const packed = Buffer.from(Buffer.from(data.release, 'base64').toString(), 'base64');
  const release = JSON.parse(gunzipSync(packed).toString()) as { version: number; info: object };
  const failed = { ...release.info, status: 'failed', description: `Upgrade "${name}" failed: timed out` };
  const text = gzipSync(JSON.stringify({ ...release, version: 2, info: failed })).toString('base64');
  await client.text('POST', path, {
    body: {
      type: 'helm.sh/release.v1',
      metadata: {
        name: `sh.helm.release.v1.${name}.v2`,
        labels: { ...metadata.labels, status: 'failed', version: '2' },
      },
      data: { release: Buffer.from(text).toString('base64') },
    },
  });
};

const mendRelease = async ([namespace = '', name = '']: readonly string[]): Promise<void> =>
  (await kubernetes()).delete(`/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v2`);

interface State {
  readonly resources: readonly {
    readonly type: string;
    readonly instances: readonly {
      readonly attributes: {
        readonly machine_secrets: { readonly certs: { readonly k8s: { readonly cert: string; readonly key: string } } };
      };
    }[];
  }[];
}

/** The administrator's kubeconfig with a certificate of the cluster's own authority that ended an hour ago. */
const expiredKubeconfig = async ([file = '']: readonly string[]): Promise<void> => {
  const terraform = process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform';
  const pulled = execFileSync(terraform, [`-chdir=${stackFolder(plan, process.env)}`, 'state', 'pull']);
  const state = JSON.parse(pulled.toString()) as State;
  const secrets = state.resources.find(({ type }) => type === 'talos_machine_secrets')?.instances[0]?.attributes;
  if (secrets === undefined) throw new Error('the state has no machine secrets');
  const { cert, key } = secrets.machine_secrets.certs.k8s;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const pem = createPrivateKey(Buffer.from(key, 'base64')).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pem, algorithm, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create(
    {
      subject: 'O=system:masters, CN=admin',
      issuer: new X509Certificate(Buffer.from(cert, 'base64').toString()).subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 2 * 3_600_000),
      notAfter: new Date(Date.now() - 3_600_000),
    },
    webcrypto,
  );
  const own = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const config = parse(await terraformOutput(plan, 'kubeconfig', process.env)) as {
    readonly users: readonly { user: Record<string, string> }[];
  };
  for (const { user } of config.users) {
    user['client-certificate-data'] = Buffer.from(certificate.toString('pem')).toString('base64');
    user['client-key-data'] = Buffer.from(`-----BEGIN PRIVATE KEY-----\n${own}\n-----END PRIVATE KEY-----\n`).toString(
      'base64',
    );
  }
  writeFileSync(file, stringify(config), { mode: 0o600 });
};

const act = async (): Promise<void> => {
  switch (what) {
    case 'proxmox':
      return proxmox(args);
    case 'kubernetes': {
      const [method = '', path = '', body = '', contentType = 'application/json'] = args;
      await (await kubernetes()).text(method, path, { body, contentType });
      return;
    }
    case 'fail-release':
      return failRelease(args);
    case 'mend-release':
      return mendRelease(args);
    case 'expired-kubeconfig':
      return expiredKubeconfig(args);
    default:
      throw new Error(
        `"${what}" is unknown: use proxmox, kubernetes, fail-release, mend-release or expired-kubeconfig`,
      );
  }
};

act().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
