/**
 * What a test does to a cluster of a lab session, inside the lab's namespaces, with the product's own clients:
 * `act.ts <cluster> proxmox <method> <path> [json]`, `kubernetes <method> <path> <json> <content type>`,
 * `fail-release <namespace> <name> [status]`, `mend-release <namespace> <name>`, `expired-kubeconfig <file>`,
 * `age-certificates <days>`, `etcd-alarm ACTIVATE|DEACTIVATE`: NOSPACE, of the first control plane's member.
 */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
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

/** A further revision as Helm leaves it where an upgrade has failed; `pending-upgrade`: where it was cut off. */
const failRelease = async ([namespace = '', name = '', status = 'failed']: readonly string[]): Promise<void> => {
  const client = await kubernetes();
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const { metadata, data } = await client.get<ReleaseSecret>(`${path}/sh.helm.release.v1.${name}.v1`);
  const packed = Buffer.from(Buffer.from(data.release, 'base64').toString(), 'base64');
  const release = JSON.parse(gunzipSync(packed).toString()) as { version: number; info: object };
  const failed = { ...release.info, status, description: `Upgrade "${name}" failed: timed out` };
  const text = gzipSync(JSON.stringify({ ...release, version: 2, info: failed })).toString('base64');
  await client.text('POST', path, {
    body: {
      type: 'helm.sh/release.v1',
      metadata: {
        name: `sh.helm.release.v1.${name}.v2`,
        labels: { ...metadata.labels, status, version: '2' },
      },
      data: { release: Buffer.from(text).toString('base64') },
    },
  });
};

const mendRelease = async ([namespace = '', name = '']: readonly string[]): Promise<void> =>
  (await kubernetes()).delete(`/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v2`);

interface Attributes {
  readonly machine_secrets: {
    readonly certs: Readonly<Record<'k8s' | 'os' | 'etcd', { readonly cert: string; readonly key: string }>>;
  };
  readonly client_configuration: Record<string, string>;
  readonly kubernetes_client_configuration: Record<string, string>;
  kubeconfig_raw: string;
}
interface State {
  serial: number;
  readonly resources: readonly {
    readonly type: string;
    readonly instances: readonly { readonly attributes: Attributes }[];
  }[];
}

const HOUR_MS = 3_600_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const terraform = (args: readonly string[], input?: string): string =>
  execFileSync(
    process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform',
    [`-chdir=${stackFolder(plan, process.env)}`, ...args],
    {
      ...(input !== undefined && { input }),
      maxBuffer: 2 ** 26,
    },
  ).toString();

const resourceIn = (state: State, type: string): Attributes => {
  const found = state.resources.find((resource) => resource.type === type)?.instances[0]?.attributes;
  if (found === undefined) throw new Error(`the state has no ${type}`);
  return found;
};

/** A client's certificate and key, base64 of PEM, of the cluster's own authority. */
const clientOf = async (
  { machine_secrets: { certs } }: Attributes,
  authority: 'k8s' | 'os' | 'etcd',
  [notBefore, notAfter]: readonly [Date, Date],
): Promise<{ readonly certificate: string; readonly key: string }> => {
  const { cert, key } = certs[authority];
  const isTalos = authority === 'os';
  const algorithm = isTalos ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const label = isTalos ? 'ED25519 PRIVATE KEY' : 'PRIVATE KEY';
  const text = Buffer.from(key, 'base64').toString().replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');
  const pem = createPrivateKey(text).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pem, algorithm, false, ['sign']);
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.create(
    {
      subject: isTalos ? 'O=os:admin' : 'O=system:masters, CN=admin',
      issuer: new X509Certificate(Buffer.from(cert, 'base64').toString()).subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      ...{ notBefore, notAfter },
    },
    webcrypto,
  );
  const own = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificate: base64(certificate.toString('pem')),
    key: base64(`-----BEGIN ${label}-----\n${own}\n-----END ${label}-----\n`),
  };
};

/** A kubeconfig with another certificate. */
const withClient = (kubeconfig: string, client: { readonly certificate: string; readonly key: string }): string => {
  const config = parse(kubeconfig) as { readonly users: readonly { user: Record<string, string> }[] };
  for (const { user } of config.users) {
    user['client-certificate-data'] = client.certificate;
    user['client-key-data'] = client.key;
  }
  return stringify(config);
};

/** The administrator's kubeconfig with a certificate of the cluster's own authority that ended an hour ago. */
const expiredKubeconfig = async ([file = '']: readonly string[]): Promise<void> => {
  const secrets = resourceIn(JSON.parse(terraform(['state', 'pull'])) as State, 'talos_machine_secrets');
  const now = Date.now();
  const client = await clientOf(secrets, 'k8s', [new Date(now - 2 * HOUR_MS), new Date(now - HOUR_MS)]);
  const kubeconfig = await terraformOutput(plan, 'kubeconfig', process.env);
  writeFileSync(file, withClient(kubeconfig, client), { mode: 0o600 });
};

/** The state as after most of a year: the administrator's certificates have so many days left. */
const ageCertificates = async ([days = '']: readonly string[]): Promise<void> => {
  const state = JSON.parse(terraform(['state', 'pull'])) as State;
  const secrets = resourceIn(state, 'talos_machine_secrets');
  const kubeconfig = resourceIn(state, 'talos_cluster_kubeconfig');
  const now = Date.now();
  const span = [new Date(now - HOUR_MS), new Date(now + Number(days) * 24 * HOUR_MS)] as const;
  const [talos, kubernetes] = [await clientOf(secrets, 'os', span), await clientOf(secrets, 'k8s', span)];
  Object.assign(secrets.client_configuration, { client_certificate: talos.certificate, client_key: talos.key });
  Object.assign(kubeconfig.kubernetes_client_configuration, {
    ...{ client_certificate: kubernetes.certificate, client_key: kubernetes.key },
  });
  kubeconfig.kubeconfig_raw = withClient(kubeconfig.kubeconfig_raw, kubernetes);
  state.serial += 1;
  terraform(['state', 'push', '-'], JSON.stringify(state));
};

/** What etcd does by itself when its database is full: the quota is 2 GiB, and the lab has no such memory to fill. */
const etcdAlarm = async ([action = '']: readonly string[]): Promise<void> => {
  const secrets = resourceIn(JSON.parse(terraform(['state', 'pull'])) as State, 'talos_machine_secrets');
  const now = Date.now();
  const client = await clientOf(secrets, 'etcd', [new Date(now - HOUR_MS), new Date(now + HOUR_MS)]);
  const pem = (encoded: string): string => Buffer.from(encoded, 'base64').toString();
  const tls = {
    ca: pem(secrets.machine_secrets.certs.etcd.cert),
    cert: pem(client.certificate),
    key: pem(client.key),
  };
  const host = plan.nodes[0]?.address.toString() ?? '';
  const call = (path: string, body: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const asked = request({ host, port: 2379, path, method: 'POST', ...tls }, (response) => {
        const answered = text(response).then((answer) => {
          if (response.statusCode !== 200) throw new Error(`etcd, ${path}: ${answer}`);
          return JSON.parse(answer) as unknown;
        });
        answered.then(resolve, reject);
      });
      asked.once('error', reject).end(JSON.stringify(body));
    });
  const { header } = (await call('/v3/maintenance/status', {})) as { readonly header: { readonly member_id: string } };
  await call('/v3/maintenance/alarm', { action, memberID: header.member_id, alarm: 'NOSPACE' });
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
    case 'age-certificates':
      return ageCertificates(args);
    case 'etcd-alarm':
      return etcdAlarm(args);
    default:
      throw new Error(
        `"${what}" is unknown: use proxmox, kubernetes, fail-release, mend-release, expired-kubeconfig, age-certificates or etcd-alarm`,
      );
  }
};

act().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
