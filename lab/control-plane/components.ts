import { join } from 'node:path';
import { stringify } from 'yaml';
import { mergeArguments, policy, renderArguments, single, type Arguments } from './arguments';
import type { ControlPlaneSecrets } from './control-plane-secrets';
import { LAB_ARGUMENTS } from './differences';
import type { ComponentConfig, ControlPlaneConfig, NodeConfig } from './machine-config';
import { writeSecretFile } from './secret-file';

/** One of the processes that Talos runs as a static pod. */
export interface Component {
  /** `kube-apiserver`: name of the binary, of the pod before the node's name, and of the label `k8s-app`. */
  readonly name: string;
  readonly config: ComponentConfig;
  readonly args: readonly string[];
}

const CIPHERS = [
  'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
].join(',');

/** What a component's arguments are made from. */
export interface ComponentInput {
  readonly config: NodeConfig;
  readonly controlPlane: ControlPlaneConfig;
  readonly secrets: ControlPlaneSecrets;
  readonly address: string;
  /** Folder for config files that are not secret. */
  readonly configPath: string;
  readonly auditPath: string;
}

/** Writes the config files and gives the enabled components, API server first (Talos control_plane_static_pod.go). */
export const controlPlaneComponents = (input: ComponentInput): Component[] =>
  [apiServer(input), controllerManager(input), scheduler(input)].filter(({ config }) => config.enabled);

const apiServer = (input: ComponentInput): Component => {
  const { config, controlPlane, secrets, configPath } = input;
  const secret = (name: string): string => join(secrets.apiServer, name);
  const file = (name: string, content: unknown): string =>
    writeSecretFile(join(configPath, 'kube-apiserver', name), stringify(content));
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
      ...policy('denied', [
        ...[
          'etcd-servers',
          'client-ca-file',
          'requestheader-client-ca-file',
          'proxy-client-cert-file',
          'proxy-client-key-file',
        ],
        ...['encryption-provider-config', 'etcd-cafile', 'etcd-certfile', 'etcd-keyfile', 'kubelet-client-certificate'],
        ...['kubelet-client-key', 'service-account-key-file', 'service-account-signing-key-file', 'tls-cert-file'],
        ...['tls-private-key-file', 'authorization-config'],
      ]),
    },
  );
  return { name: 'kube-apiserver', config: controlPlane.apiServer, args: renderArguments(args) };
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

const controllerManager = ({ config, controlPlane, secrets }: ComponentInput): Component => {
  const secret = (name: string): string => join(secrets.controllerManager, name);
  const base = single({
    ...LAB_ARGUMENTS['kube-controller-manager'],
    'allocate-node-cidrs': 'true',
    'authentication-kubeconfig': secret('kubeconfig'),
    'authorization-kubeconfig': secret('kubeconfig'),
    'bind-address': '127.0.0.1',
    'cluster-cidr': config.podSubnets.join(','),
    'cluster-signing-cert-file': secret('ca.crt'),
    'cluster-signing-key-file': secret('ca.key'),
    'configure-cloud-routes': 'false',
    controllers: '*,tokencleaner',
    kubeconfig: secret('kubeconfig'),
    'leader-elect': 'true',
    profiling: 'false',
    'root-ca-file': secret('ca.crt'),
    'service-account-private-key-file': secret('service-account.key'),
    'service-cluster-ip-range': config.serviceSubnets.join(','),
    'tls-min-version': 'VersionTLS13',
    'use-service-account-credentials': 'true',
  });
  const args = mergeArguments(base, controlPlane.controllerManager.extraArgs, {
    ...policy('additive', ['service-cluster-ip-range', 'controllers']),
    ...policy('denied', [
      ...[
        'cluster-signing-cert-file',
        'cluster-signing-key-file',
        'authentication-kubeconfig',
        'authorization-kubeconfig',
      ],
      ...['root-ca-file', 'service-account-private-key-file'],
    ]),
  });
  return { name: 'kube-controller-manager', config: controlPlane.controllerManager, args: renderArguments(args) };
};

const scheduler = ({ controlPlane, secrets, configPath }: ComponentInput): Component => {
  const kubeconfig = join(secrets.scheduler, 'kubeconfig');
  const { clientConnection, ...rest } = controlPlane.scheduler.config;
  const schedulerConfig = {
    ...rest,
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { ...(clientConnection as object | undefined), kubeconfig },
  };
  const base = single({
    'authentication-kubeconfig': kubeconfig,
    'authentication-tolerate-lookup-failure': 'false',
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    config: writeSecretFile(join(configPath, 'kube-scheduler', 'scheduler-config.yaml'), stringify(schedulerConfig)),
    'leader-elect': 'true',
    profiling: 'false',
    'tls-min-version': 'VersionTLS13',
  });
  const args = mergeArguments(base, controlPlane.scheduler.extraArgs, {
    ...policy('denied', ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'config']),
  });
  return { name: 'kube-scheduler', config: controlPlane.scheduler, args: renderArguments(args) };
};
