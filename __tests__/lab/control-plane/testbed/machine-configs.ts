import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createAuthority } from '../../../../lab/control-plane/certificate';

/** A node of the testbed. */
export interface TestNode {
  readonly name: string;
  readonly address: string;
  readonly role: 'controlplane' | 'worker';
}

export interface ClusterOptions {
  readonly nodes: readonly TestNode[];
  readonly vip: string;
  readonly inlineManifests?: readonly { readonly name: string; readonly contents: string }[];
  /** Merged into `cluster.apiServer`. */
  readonly apiServer?: Readonly<Record<string, unknown>>;
}

const HOURS = 87_600;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Machine configs by node name, with the shape that the Talos provider gives at contract v1.9. */
export const machineConfigs = async (options: ClusterOptions): Promise<Record<string, Record<string, unknown>>> => {
  const authority = async (organization: string): Promise<{ crt: string; key: string }> => {
    const { cert, key } = await createAuthority(
      organization === '' ? { commonName: 'front-proxy' } : { organization },
      HOURS,
    );
    return { crt: base64(cert), key: base64(key) };
  };
  const [ca, aggregatorCA, etcdCa] = await Promise.all([authority('kubernetes'), authority(''), authority('etcd')]);
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const token = 'abcdef.0123456789abcdef';
  const secretboxEncryptionSecret = randomBytes(32).toString('base64');
  const vipOut = ['10.0.0.0/16', `!${options.vip}/32`];
  return Object.fromEntries(
    options.nodes.map(({ name, role }) => [
      name,
      {
        version: 'v1alpha1',
        machine: {
          type: role,
          kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.35.0', nodeIP: { validSubnets: vipOut } },
          network: { hostname: name },
          features: { kubePrism: { enabled: true, port: 7445 } },
          ...(role === 'controlplane'
            ? { nodeLabels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }
            : {}),
        },
        cluster: {
          clusterName: 'testbed',
          controlPlane: { endpoint: `https://${options.vip}:6443` },
          network: { dnsDomain: 'cluster.local', podSubnets: ['10.244.0.0/16'], serviceSubnets: ['10.96.0.0/12'] },
          token,
          ca: role === 'worker' ? { crt: ca.crt, key: '' } : ca,
          ...(role === 'worker'
            ? {}
            : {
                aggregatorCA,
                secretboxEncryptionSecret,
                serviceAccount: { key: base64(privateKey) },
                etcd: { ca: etcdCa, advertisedSubnets: vipOut },
                apiServer: {
                  image: 'registry.k8s.io/kube-apiserver:v1.35.0',
                  certSANs: [options.vip, '127.0.0.1'],
                  admissionControl: [POD_SECURITY],
                  auditPolicy: { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] },
                  ...options.apiServer,
                },
                controllerManager: { image: 'registry.k8s.io/kube-controller-manager:v1.35.0' },
                scheduler: { image: 'registry.k8s.io/kube-scheduler:v1.35.0' },
                inlineManifests: options.inlineManifests ?? [],
              }),
        },
      },
    ]),
  );
};

/** Talos' default, as it stands in every generated config. */
const POD_SECURITY = {
  name: 'PodSecurity',
  configuration: {
    apiVersion: 'pod-security.admission.config.k8s.io/v1alpha1',
    kind: 'PodSecurityConfiguration',
    defaults: {
      audit: 'restricted',
      'audit-version': 'latest',
      enforce: 'baseline',
      'enforce-version': 'latest',
      warn: 'restricted',
      'warn-version': 'latest',
    },
    exemptions: { namespaces: ['kube-system'], runtimeClasses: [], usernames: [] },
  },
};
