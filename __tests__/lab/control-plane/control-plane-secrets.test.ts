import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  adminKubeconfig,
  apiServerSans,
  encryptionConfig,
  localEndpoint,
  writeControlPlaneSecrets,
} from '../../../lab/control-plane/control-plane-secrets';
import { readNodeConfig, type ControlPlaneConfig, type NodeConfig } from '../../../lab/control-plane/machine-config';
import { machineConfigs } from './testbed/machine-configs';

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: { readonly server: string } }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
  readonly contexts: readonly { readonly name: string; readonly context: unknown }[];
  readonly 'current-context': string;
}

describe('secrets of a control plane', () => {
  let config: NodeConfig;
  let controlPlane: ControlPlaneConfig;
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-secrets-'));

  beforeAll(async () => {
    const nodes = [{ name: 'controlplane0', address: '10.0.1.1', role: 'controlplane' }] as const;
    config = readNodeConfig((await machineConfigs({ nodes, vip: '10.0.3.1' }))['controlplane0'] ?? {});
    if (config.controlPlane === undefined) throw new Error('not a control plane');
    controlPlane = config.controlPlane;
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('the API server answers to every name that Talos gives it', () => {
    expect(apiServerSans(config, controlPlane, '10.0.1.1')).toEqual([
      '10.0.3.1',
      '10.0.3.1',
      '127.0.0.1',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'localhost',
      'controlplane0',
      '10.96.0.1',
      '10.0.1.1',
      '127.0.0.1',
    ]);
  });

  test('every file is readable by its owner alone, and each process has what it needs', async () => {
    const secrets = await writeControlPlaneSecrets(folder, config, controlPlane, '10.0.1.1');
    const files = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].flatMap((name) =>
      readdirSync(join(folder, name)).map((file) => `${name}/${file}`),
    );
    expect(files).toEqual([
      'etcd/ca.crt',
      'etcd/peer.crt',
      'etcd/peer.key',
      'etcd/server.crt',
      'etcd/server.key',
      'kube-apiserver/aggregator-ca.crt',
      'kube-apiserver/apiserver-kubelet-client.crt',
      'kube-apiserver/apiserver-kubelet-client.key',
      'kube-apiserver/apiserver.crt',
      'kube-apiserver/apiserver.key',
      'kube-apiserver/ca.crt',
      'kube-apiserver/encryptionconfig.yaml',
      'kube-apiserver/etcd-client-ca.crt',
      'kube-apiserver/etcd-client.crt',
      'kube-apiserver/etcd-client.key',
      'kube-apiserver/front-proxy-client.crt',
      'kube-apiserver/front-proxy-client.key',
      'kube-apiserver/service-account.key',
      'kube-apiserver/service-account.pub',
      'kube-controller-manager/ca.crt',
      'kube-controller-manager/ca.key',
      'kube-controller-manager/kubeconfig',
      'kube-controller-manager/service-account.key',
      'kube-scheduler/kubeconfig',
    ]);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    const etcd = new X509Certificate(readFileSync(join(secrets.etcd, 'peer.crt')));
    expect(etcd.subjectAltName).toBe('IP Address:10.0.1.1, DNS:controlplane0');
    expect(new X509Certificate(secrets.admin.cert).subject).toBe('O=system:masters\nCN=talos:admin');
  });

  test('controllers go through KubePrism, or to their own API server where it is off', () => {
    const { clusters } = parse(readFileSync(join(folder, 'kube-scheduler', 'kubeconfig'), 'utf8')) as Kubeconfig;
    expect(clusters[0]?.cluster.server).toBe('https://127.0.0.1:7445');
    expect(localEndpoint({ ...config, kubePrismPort: undefined })).toBe('https://localhost:6443');
  });

  test('the admin kubeconfig is named and dated as Talos does it', async () => {
    const kubeconfig = parse(await adminKubeconfig(config, controlPlane)) as Kubeconfig;
    expect(kubeconfig['current-context']).toBe('admin@testbed');
    expect(kubeconfig.contexts).toEqual([
      { name: 'admin@testbed', context: { cluster: 'testbed', namespace: 'default', user: 'admin@testbed' } },
    ]);
    expect(kubeconfig.clusters[0]?.name).toBe('testbed');
    expect(kubeconfig.clusters[0]?.cluster.server).toBe('https://10.0.3.1:6443');
    const pem = Buffer.from(kubeconfig.users[0]?.user['client-certificate-data'] ?? '', 'base64');
    const certificate = new X509Certificate(pem);
    expect(certificate.subject).toBe('O=system:masters\nCN=admin');
    expect(Math.round((Date.parse(certificate.validTo) - Date.now()) / 86_400_000)).toBe(365);
  });

  test('secretbox comes first in the encryption config, then what is not encrypted', () => {
    expect(parse(encryptionConfig({ ...controlPlane, secretboxSecret: 'c2VjcmV0', aescbcSecret: 'b2xk' }))).toEqual({
      apiVersion: 'v1',
      kind: 'EncryptionConfig',
      resources: [
        {
          resources: ['secrets'],
          providers: [
            { secretbox: { keys: [{ name: 'key2', secret: 'c2VjcmV0' }] } },
            { aescbc: { keys: [{ name: 'key1', secret: 'b2xk' }] } },
            { identity: {} },
          ],
        },
      ],
    });
  });
});
