/**
 * The part of a Talos `v1alpha1` document that the services of a node read. Talos' own validation has passed
 * before anything here sees it, so a missing section takes Talos' default and is no error.
 */
interface MachineDocument {
  readonly machine?: {
    readonly type?: string;
    readonly network?: {
      readonly hostname?: string;
      readonly interfaces?: readonly { readonly vip?: { readonly ip?: string } }[];
    };
    readonly kubelet?: {
      readonly image?: string;
      readonly nodeIP?: { readonly validSubnets?: readonly string[] };
      readonly extraConfig?: { readonly registerWithTaints?: readonly Taint[] };
    };
    readonly nodeLabels?: Readonly<Record<string, string>>;
    readonly nodeTaints?: Readonly<Record<string, string>>;
    readonly features?: { readonly kubePrism?: { readonly enabled?: boolean; readonly port?: number } };
  };
  readonly cluster?: {
    readonly clusterName?: string;
    readonly controlPlane?: { readonly endpoint?: string; readonly localAPIServerPort?: number };
    readonly network?: {
      readonly dnsDomain?: string;
      readonly podSubnets?: readonly string[];
      readonly serviceSubnets?: readonly string[];
      readonly cni?: { readonly name?: string };
    };
    readonly token?: string;
    readonly ca?: EncodedKeyPair;
    readonly aggregatorCA?: EncodedKeyPair;
    readonly serviceAccount?: { readonly key?: string };
    readonly secretboxEncryptionSecret?: string;
    readonly aescbcEncryptionSecret?: string;
    readonly allowSchedulingOnControlPlanes?: boolean;
    readonly adminKubeconfig?: { readonly certLifetime?: string };
    readonly apiServer?: ComponentSection & {
      readonly certSANs?: readonly string[];
      readonly admissionControl?: readonly { readonly name: string; readonly configuration: unknown }[];
      readonly auditPolicy?: unknown;
      readonly authorizationConfig?: readonly AuthorizerSection[];
    };
    readonly controllerManager?: ComponentSection;
    readonly scheduler?: ComponentSection & { readonly config?: Readonly<Record<string, unknown>> };
    readonly coreDNS?: { readonly disabled?: boolean; readonly image?: string };
    readonly etcd?: ComponentSection & { readonly ca?: EncodedKeyPair; readonly advertisedSubnets?: readonly string[] };
    readonly inlineManifests?: readonly { readonly name: string; readonly contents: string }[];
  };
}

interface EncodedKeyPair {
  readonly crt?: string;
  readonly key?: string;
}

interface ComponentSection {
  readonly image?: string;
  /** A list of values per argument is allowed since Talos 1.13. */
  readonly extraArgs?: Readonly<Record<string, string | readonly string[]>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly disabled?: boolean;
}

export interface AuthorizerSection {
  readonly type: string;
  readonly name: string;
  readonly webhook?: unknown;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** PEM, both parts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface ComponentConfig {
  readonly image: string;
  readonly extraArgs: Readonly<Record<string, readonly string[]>>;
  readonly env: Readonly<Record<string, string>>;
  readonly enabled: boolean;
}

/** What only a control plane has. */
export interface ControlPlaneConfig {
  /** Addresses that it shares with the other control planes, without mask: Talos' own VIP. */
  readonly sharedAddresses: readonly string[];
  readonly ca: KeyPair;
  readonly aggregatorCa: KeyPair;
  readonly etcdCa: KeyPair;
  /** PEM, RSA or EC. */
  readonly serviceAccountKey: string;
  /** Base64 of 32 bytes each. */
  readonly secretboxSecret: string | undefined;
  readonly aescbcSecret: string | undefined;
  readonly certSans: readonly string[];
  readonly apiServer: ComponentConfig;
  readonly controllerManager: ComponentConfig;
  readonly scheduler: ComponentConfig & { readonly config: Readonly<Record<string, unknown>> };
  readonly etcd: {
    readonly extraArgs: Readonly<Record<string, readonly string[]>>;
    readonly advertisedSubnets: readonly string[];
  };
  readonly admissionPlugins: readonly { readonly name: string; readonly configuration: unknown }[];
  readonly auditPolicy: unknown;
  readonly authorizers: readonly AuthorizerSection[];
  readonly adminCertHours: number;
  readonly coreDnsImage: string | undefined;
  readonly inlineManifests: readonly { readonly name: string; readonly contents: string }[];
}

export interface NodeConfig {
  readonly hostname: string;
  readonly clusterName: string;
  /** Cluster endpoint, as `https://10.0.3.1:6443`. */
  readonly endpoint: { readonly url: string; readonly host: string; readonly port: number };
  /** Port of the API server on a control plane. */
  readonly apiPort: number;
  readonly dnsDomain: string;
  readonly podSubnets: readonly string[];
  readonly serviceSubnets: readonly string[];
  /** Bootstrap token: `<id>.<secret>`. */
  readonly token: string;
  /** PEM of the Kubernetes CA. */
  readonly caCert: string;
  /** Undefined where KubePrism is off. */
  readonly kubePrismPort: number | undefined;
  /** Without leading `v`. */
  readonly kubernetesVersion: string;
  readonly nodeIpSubnets: readonly string[];
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly nodeTaints: readonly Taint[];
  readonly registerWithTaints: readonly Taint[];
  /** Undefined on a worker. */
  readonly controlPlane: ControlPlaneConfig | undefined;
}

const CONTROL_PLANE_TAINT: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

/** @throws Error where the document names no host, no endpoint or no CA: Talos' validation lets none of these pass. */
export const readNodeConfig = (document: Readonly<Record<string, unknown>>, fallbackHostname?: string): NodeConfig => {
  const { machine = {}, cluster = {} } = document as MachineDocument;
  const endpoint = new URL(required(cluster.controlPlane?.endpoint, 'cluster.controlPlane.endpoint'));
  const isControlPlane = machine.type === 'controlplane' || machine.type === 'init';
  const schedulable = cluster.allowSchedulingOnControlPlanes === true;
  const roleTaints = isControlPlane && !schedulable ? [CONTROL_PLANE_TAINT] : [];
  const kubePrism = machine.features?.kubePrism;
  return {
    hostname: required(machine.network?.hostname ?? fallbackHostname, 'machine.network.hostname'),
    clusterName: cluster.clusterName ?? '',
    endpoint: {
      url: endpoint.origin,
      host: endpoint.hostname,
      port: Number(endpoint.port === '' ? 443 : endpoint.port),
    },
    apiPort: cluster.controlPlane?.localAPIServerPort ?? 6443,
    dnsDomain: cluster.network?.dnsDomain ?? 'cluster.local',
    podSubnets: cluster.network?.podSubnets ?? ['10.244.0.0/16'],
    serviceSubnets: cluster.network?.serviceSubnets ?? ['10.96.0.0/12'],
    token: required(cluster.token, 'cluster.token'),
    caCert: decode(required(cluster.ca?.crt, 'cluster.ca.crt')),
    kubePrismPort: kubePrism?.enabled === true ? (kubePrism.port ?? 7445) : undefined,
    kubernetesVersion: imageTag(machine.kubelet?.image, '1.35.0'),
    nodeIpSubnets: machine.kubelet?.nodeIP?.validSubnets ?? [],
    nodeLabels: { ...machine.nodeLabels, ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}) },
    nodeTaints: [...roleTaints, ...Object.entries(machine.nodeTaints ?? {}).map(parseTaint)],
    registerWithTaints: [...(machine.kubelet?.extraConfig?.registerWithTaints ?? []), ...roleTaints],
    controlPlane: isControlPlane ? readControlPlane(cluster, machine) : undefined,
  };
};

const readControlPlane = (
  cluster: NonNullable<MachineDocument['cluster']>,
  machine: NonNullable<MachineDocument['machine']>,
): ControlPlaneConfig => ({
  sharedAddresses: (machine.network?.interfaces ?? []).flatMap(({ vip }) => (vip?.ip === undefined ? [] : [vip.ip])),
  ca: keyPair(cluster.ca, 'cluster.ca'),
  aggregatorCa: keyPair(cluster.aggregatorCA, 'cluster.aggregatorCA'),
  etcdCa: keyPair(cluster.etcd?.ca, 'cluster.etcd.ca'),
  serviceAccountKey: decode(required(cluster.serviceAccount?.key, 'cluster.serviceAccount.key')),
  secretboxSecret: cluster.secretboxEncryptionSecret,
  aescbcSecret: cluster.aescbcEncryptionSecret,
  certSans: cluster.apiServer?.certSANs ?? [],
  apiServer: component(cluster.apiServer, 'registry.k8s.io/kube-apiserver'),
  controllerManager: component(cluster.controllerManager, 'registry.k8s.io/kube-controller-manager'),
  scheduler: {
    ...component(cluster.scheduler, 'registry.k8s.io/kube-scheduler'),
    config: cluster.scheduler?.config ?? {},
  },
  etcd: { extraArgs: argumentLists(cluster.etcd?.extraArgs), advertisedSubnets: cluster.etcd?.advertisedSubnets ?? [] },
  admissionPlugins: cluster.apiServer?.admissionControl ?? [],
  auditPolicy: cluster.apiServer?.auditPolicy ?? {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    rules: [{ level: 'Metadata' }],
  },
  authorizers: cluster.apiServer?.authorizationConfig ?? [],
  adminCertHours: hours(cluster.adminKubeconfig?.certLifetime ?? '8760h'),
  coreDnsImage:
    cluster.coreDNS?.disabled === true
      ? undefined
      : (cluster.coreDNS?.image ?? 'registry.k8s.io/coredns/coredns:v1.14.6'),
  inlineManifests: cluster.inlineManifests ?? [],
});

const required = <T>(value: T | undefined, path: string): T => {
  if (value === undefined) throw new Error(`machine config has no ${path}: apply a config that sets it`);
  return value;
};

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

const keyPair = (pair: EncodedKeyPair | undefined, path: string): KeyPair => ({
  cert: decode(required(pair?.crt, `${path}.crt`)),
  key: decode(required(pair?.key, `${path}.key`)),
});

const component = (section: ComponentSection | undefined, image: string): ComponentConfig => ({
  image: section?.image ?? `${image}:v1.35.0`,
  extraArgs: argumentLists(section?.extraArgs),
  env: section?.env ?? {},
  enabled: section?.disabled !== true,
});

const argumentLists = (args: ComponentSection['extraArgs'] = {}): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? [value] : value]));

/** `<value>:<effect>` or `<effect>`, as Talos' node_taint_spec.go splits it. */
const parseTaint = ([key, text]: [string, string]): Taint => {
  const [first = '', effect] = text.split(':', 2);
  return effect === undefined ? { key, effect: first } : { key, value: first, effect };
};

/** Version in an image reference, without leading `v`. */
export const imageTag = (image: string | undefined, fallback: string): string =>
  /:v?(\d+\.\d+\.\d+[^@]*)/.exec(image ?? '')?.[1] ?? fallback;

/** A Go duration in whole hours, as `8760h` or `8760h0m0s`. */
const hours = (duration: string): number => Number(/^(\d+)h/.exec(duration)?.[1] ?? '8760');
