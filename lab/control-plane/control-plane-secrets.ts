import { createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { serviceAddress } from './address-filter';
import { issueCertificate } from './certificate';
import { renderKubeconfig } from './kubeconfig';
import type { ControlPlaneConfig, KeyPair, NodeConfig } from './machine-config';
import { writeSecretFile } from './secret-file';

/** Folders with the files that the control plane's processes read, and the credentials that the node itself uses. */
export interface ControlPlaneSecrets {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  /** Talos' own admin, `talos:admin` in `system:masters`. */
  readonly admin: KeyPair;
  /** Client of etcd for the node's own calls. */
  readonly etcdAdmin: KeyPair;
}

const YEAR_HOURS = 8760;
/** Talos internal/pkg/etcd/certs.go. */
const ETCD_HOURS = 87_600;

/** Server of the kubeconfigs on the node: KubePrism where it is on, else the node's own API server. */
export const localEndpoint = (config: NodeConfig): string =>
  config.kubePrismPort === undefined
    ? `https://localhost:${config.apiPort}`
    : `https://127.0.0.1:${config.kubePrismPort}`;

/** Names in the API server's certificate (Talos secrets/kubernetes_cert_sans.go). */
export const apiServerSans = (config: NodeConfig, controlPlane: ControlPlaneConfig, address: string): string[] => [
  config.endpoint.host,
  ...controlPlane.certSans,
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  `kubernetes.default.svc.${config.dnsDomain}`,
  'localhost',
  config.hostname,
  ...config.serviceSubnets.map((subnet) => serviceAddress(subnet, 1)),
  address,
  '127.0.0.1',
];

/**
 * Issues what Talos issues on a control plane and writes it below `folder`, every file 0600. All of it is made
 * anew at each start: Talos keeps it in memory.
 */
export const writeControlPlaneSecrets = async (
  folder: string,
  config: NodeConfig,
  controlPlane: ControlPlaneConfig,
  address: string,
): Promise<ControlPlaneSecrets> => {
  const paths = {
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    scheduler: join(folder, 'kube-scheduler'),
  };
  const etcdClient = (commonName: string): Promise<KeyPair> =>
    issueCertificate(controlPlane.etcdCa, { commonName, usages: ['client'], hours: ETCD_HOURS });
  const client = (commonName: string, organization?: string): Promise<KeyPair> =>
    issueCertificate(controlPlane.ca, {
      commonName,
      ...(organization === undefined ? {} : { organization }),
      usages: ['client'],
      hours: YEAR_HOURS,
    });
  const etcdSans = [address, config.hostname];
  const etcdServer = { commonName: config.hostname, usages: ['server', 'client'], hours: ETCD_HOURS } as const;
  const [peer, server, etcdAdmin, etcdApiServer, apiServer, kubeletClient, frontProxy, manager, scheduler, admin] =
    await Promise.all([
      issueCertificate(controlPlane.etcdCa, { ...etcdServer, sans: etcdSans }),
      issueCertificate(controlPlane.etcdCa, { ...etcdServer, sans: [...etcdSans, '127.0.0.1', '::1', 'localhost'] }),
      etcdClient('talos'),
      etcdClient('kube-apiserver'),
      issueCertificate(controlPlane.ca, {
        commonName: 'kube-apiserver',
        organization: 'kube-master',
        sans: apiServerSans(config, controlPlane, address),
        usages: ['server'],
        hours: YEAR_HOURS,
      }),
      client('apiserver-kubelet-client', 'system:masters'),
      issueCertificate(controlPlane.aggregatorCa, {
        commonName: 'front-proxy-client',
        usages: ['client'],
        hours: YEAR_HOURS,
      }),
      client('system:kube-controller-manager', 'system:kube-controller-manager'),
      client('system:kube-scheduler', 'system:kube-scheduler'),
      client('talos:admin', 'system:masters'),
    ]);
  const put = (directory: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) writeSecretFile(join(directory, name), content);
  };
  const kubeconfig = (user: string, pair: KeyPair): string =>
    renderKubeconfig({
      clusterName: config.clusterName,
      server: localEndpoint(config),
      caCert: config.caCert,
      client: pair,
      user,
      context: 'default',
    });
  put(paths.etcd, {
    'ca.crt': controlPlane.etcdCa.cert,
    'peer.crt': peer.cert,
    'peer.key': peer.key,
    'server.crt': server.cert,
    'server.key': server.key,
  });
  put(paths.apiServer, {
    'etcd-client-ca.crt': controlPlane.etcdCa.cert,
    'etcd-client.crt': etcdApiServer.cert,
    'etcd-client.key': etcdApiServer.key,
    'ca.crt': controlPlane.ca.cert,
    'apiserver.crt': apiServer.cert,
    'apiserver.key': apiServer.key,
    'apiserver-kubelet-client.crt': kubeletClient.cert,
    'apiserver-kubelet-client.key': kubeletClient.key,
    'service-account.pub': publicKey(controlPlane.serviceAccountKey),
    'service-account.key': controlPlane.serviceAccountKey,
    'aggregator-ca.crt': controlPlane.aggregatorCa.cert,
    'front-proxy-client.crt': frontProxy.cert,
    'front-proxy-client.key': frontProxy.key,
    'encryptionconfig.yaml': encryptionConfig(controlPlane),
  });
  put(paths.controllerManager, {
    'ca.crt': controlPlane.ca.cert,
    'ca.key': controlPlane.ca.key,
    'service-account.key': controlPlane.serviceAccountKey,
    kubeconfig: kubeconfig('system:kube-controller-manager', manager),
  });
  put(paths.scheduler, { kubeconfig: kubeconfig('system:kube-scheduler', scheduler) });
  return { ...paths, admin, etcdAdmin };
};

/** Admin kubeconfig as the machine API hands it out: server is the cluster endpoint. */
export const adminKubeconfig = async (config: NodeConfig, controlPlane: ControlPlaneConfig): Promise<string> =>
  renderKubeconfig({
    clusterName: config.clusterName,
    server: config.endpoint.url,
    caCert: config.caCert,
    client: await issueCertificate(controlPlane.ca, {
      commonName: 'admin',
      organization: 'system:masters',
      usages: ['client'],
      hours: controlPlane.adminCertHours,
    }),
    user: 'admin',
    context: 'admin',
  });

const publicKey = (privateKeyPem: string): string =>
  createPublicKey(createPrivateKey(privateKeyPem)).export({ format: 'pem', type: 'spki' }).toString();

/** Talos' key names and order: secretbox is `key2` and comes first (k8stemplates/apiserver.go). */
export const encryptionConfig = ({ secretboxSecret, aescbcSecret }: ControlPlaneConfig): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'EncryptionConfig',
    resources: [
      {
        resources: ['secrets'],
        providers: [
          ...(secretboxSecret === undefined
            ? []
            : [{ secretbox: { keys: [{ name: 'key2', secret: secretboxSecret }] } }]),
          ...(aescbcSecret === undefined ? [] : [{ aescbc: { keys: [{ name: 'key1', secret: aescbcSecret }] } }]),
          { identity: {} },
        ],
      },
    ],
  });
