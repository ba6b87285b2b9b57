import { join } from 'node:path';
import { stringify } from 'yaml';
import { mergeArguments, policy, renderArguments, single, type Arguments } from './arguments';
import { asComponent, type Component, type ComponentInput } from './component';
import { apiServerSans } from './control-plane-secrets';
import { LAB_ARGUMENTS } from './differences';
import type { ControlPlaneConfig } from './machine-config';

const CIPHERS = [
  'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
].join(',');

/** Flags that `extraArgs` may not touch. */
const PROTECTED = [
  'authorization-config',
  'client-ca-file',
  'encryption-provider-config',
  'etcd-cafile',
  'etcd-certfile',
  'etcd-keyfile',
  'etcd-servers',
  'kubelet-client-certificate',
  'kubelet-client-key',
  'proxy-client-cert-file',
  'proxy-client-key-file',
  'requestheader-client-ca-file',
  'service-account-key-file',
  'service-account-signing-key-file',
  'tls-cert-file',
  'tls-private-key-file',
];

/** kube-apiserver with Talos' arguments (k8s/control_plane_static_pod.go). */
export const apiServer = (input: ComponentInput): Component => {
  const { config, controlPlane, secrets, configPath } = input;
  const secret = (name: string): string => join(secrets.apiServer, name);
  const files: Record<string, string> = {};
  const file = (name: string, content: unknown): string => {
    const path = join(configPath, 'kube-apiserver', name);
    files[path] = stringify(content);
    return path;
  };
  const base = single({
    ...LAB_ARGUMENTS['kube-apiserver'],
    'admission-control-config-file': file('admission-control-config.yaml', admissionConfig(controlPlane)),
    'advertise-address': input.address,
    'allow-privileged': 'true',
    'anonymous-auth': 'false',
    'api-audiences': config.endpoint.url,
    'audit-log-maxage': '30',
    'audit-log-maxbackup': '10',
    'audit-log-maxsize': '100',
    'audit-log-path': join(input.auditPath, 'kube-apiserver.log'),
    'audit-policy-file': file('auditpolicy.yaml', controlPlane.auditPolicy),
    'bind-address': '0.0.0.0',
    'client-ca-file': secret('ca.crt'),
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    'encryption-provider-config': secret('encryptionconfig.yaml'),
    'etcd-cafile': secret('etcd-client-ca.crt'),
    'etcd-certfile': secret('etcd-client.crt'),
    'etcd-keyfile': secret('etcd-client.key'),
    'etcd-servers': 'https://127.0.0.1:2379',
    'kubelet-client-certificate': secret('apiserver-kubelet-client.crt'),
    'kubelet-client-key': secret('apiserver-kubelet-client.key'),
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    profiling: 'false',
    'proxy-client-cert-file': secret('front-proxy-client.crt'),
    'proxy-client-key-file': secret('front-proxy-client.key'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': secret('aggregator-ca.crt'),
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'secure-port': String(config.apiPort),
    'service-account-issuer': config.endpoint.url,
    'service-account-key-file': secret('service-account.pub'),
    'service-account-signing-key-file': secret('service-account.key'),
    'service-cluster-ip-range': config.serviceSubnets.join(','),
    'tls-cert-file': secret('apiserver.crt'),
    'tls-cipher-suites': CIPHERS,
    'tls-min-version': 'VersionTLS12',
    'tls-private-key-file': secret('apiserver.key'),
  });
  const extra = controlPlane.apiServer.extraArgs;
  const args = mergeArguments(
    { ...base, ...authorization(extra, () => file('authorization-config.yaml', authorizationConfig(controlPlane))) },
    extra,
    {
      ...policy('additive', ['enable-admission-plugins', 'feature-gates', 'authorization-mode', 'tls-cipher-suites']),
      ...policy('denied', PROTECTED),
    },
  );
  const component = { name: 'kube-apiserver', config: controlPlane.apiServer, args: renderArguments(args), files };
  return asComponent(component, apiServerSans(config, controlPlane, input.address));
};

/** Flags for authorization in `extraArgs` bring the old flag back; else the config file names the authorizers. */
const authorization = (extra: Arguments, configFile: () => string): Arguments =>
  Object.keys(extra).some((key) => key === 'authorization-mode' || key.startsWith('authorization-webhook-'))
    ? single({ 'authorization-mode': 'Node,RBAC' })
    : single({ 'authorization-config': configFile() });

/** Node and RBAC always take part, in this order, before what the config adds (Talos control_plane.go). */
export const authorizationConfig = ({ authorizers }: ControlPlaneConfig): unknown => {
  const missing = [
    { type: 'Node', name: 'node' },
    { type: 'RBAC', name: 'rbac' },
  ].filter(({ type }) => !authorizers.some((authorizer) => authorizer.type === type));
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthorizationConfiguration',
    authorizers: [...missing, ...authorizers],
  };
};

export const admissionConfig = ({ admissionPlugins }: ControlPlaneConfig): unknown => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: admissionPlugins.map(({ name, configuration }) => ({ name, configuration })),
});
