import { parseAllDocuments, stringify } from 'yaml';
import { coreDnsObjects, coreDnsService } from './core-dns';
import type { ControlPlaneConfig, NodeConfig } from './machine-config';

/** An object to apply: kind, name and what else it says. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** A group of objects with the id by which Talos sorts it, as `11-core-dns` or `99-kube-vip`. */
export interface ManifestGroup {
  readonly id: string;
  readonly objects: readonly Manifest[];
}

const binding = (name: string, role: string, groups: readonly string[]): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
});

const CSR_ROLES = 'system:certificates.k8s.io:certificatesigningrequests';

/** What Talos applies on its own and what the machine config adds, ordered by id (Talos k8s/manifest.go). */
export const bootstrapManifests = (config: NodeConfig, controlPlane: ControlPlaneConfig): ManifestGroup[] => {
  const [tokenId = '', tokenSecret = ''] = config.token.split('.');
  const groups: Record<string, object[]> = {
    '00-kubelet-bootstrapping-token': [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `bootstrap-token-${tokenId}`, namespace: 'kube-system' },
        type: 'bootstrap.kubernetes.io/token',
        stringData: {
          'token-id': tokenId,
          'token-secret': tokenSecret,
          'usage-bootstrap-authentication': 'true',
          'auth-extra-groups': 'system:bootstrappers:nodes',
        },
      },
    ],
    '01-csr-node-bootstrap': [
      binding('system-bootstrap-node-bootstrapper', 'system:node-bootstrapper', [
        'system:bootstrappers:nodes',
        'system:nodes',
      ]),
    ],
    '01-csr-approver-role-binding': [
      binding('system-bootstrap-approve-node-client-csr', `${CSR_ROLES}:nodeclient`, ['system:bootstrappers:nodes']),
    ],
    '01-csr-renewal-role-binding': [
      binding('system-bootstrap-node-renewal', `${CSR_ROLES}:selfnodeclient`, ['system:nodes']),
    ],
    '11-kube-config-in-cluster': [inClusterKubeconfig(config)],
    '11-talos-node-rbac-template': nodeRbac(),
  };
  if (controlPlane.coreDnsImage !== undefined) {
    groups['11-core-dns'] = coreDnsObjects(config, controlPlane.coreDnsImage);
    groups['11-core-dns-svc'] = [coreDnsService(config)];
  }
  groups['98-lab-kwok'] = kwokRole();
  for (const { name, contents } of controlPlane.inlineManifests) groups[`99-${name}`] = parseManifests(contents);
  return Object.entries(groups)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, objects]) => ({ id, objects: objects as Manifest[] }));
};

/** Server as pods on the host's network reach it: KubePrism, else the endpoint. */
const inClusterKubeconfig = (config: NodeConfig): object => {
  const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
  const server = config.kubePrismPort === undefined ? config.endpoint.url : `https://127.0.0.1:${config.kubePrismPort}`;
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { 'certificate-authority': `${serviceAccount}/ca.crt`, server } }],
    users: [{ name: 'service-account', user: { tokenFile: `${serviceAccount}/token` } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'service-account' } }],
    'current-context': 'local',
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubeconfig-in-cluster', namespace: 'kube-system' },
    data: { kubeconfig: stringify(kubeconfig) },
  };
};

/** Nodes may read endpoint slices: that is how a worker finds control planes. */
const nodeRbac = (): object[] => {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
  return [
    {
      ...binding('system:talos-nodes', 'system:talos-nodes', ['system:nodes']),
      metadata: { name: 'system:talos-nodes', labels, annotations },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:talos-nodes', labels },
      rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] }],
    },
  ];
};

/** The lab's own: see differences.ts. */
const kwokRole = (): object[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'lab:kwok' },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  },
  binding('lab:kwok', 'lab:kwok', ['system:nodes']),
];

const parseManifests = (text: string): object[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as object | null)
    .filter((object): object is object => object !== null);

/** All objects in the order of their groups, but namespaces first and then CRDs, each by name (k8s/manifest_apply.go). */
export const applyOrder = (groups: readonly ManifestGroup[]): Manifest[] => {
  const objects = groups.flatMap((group) => group.objects);
  const isNamespace = ({ apiVersion, kind }: Manifest): boolean => kind === 'Namespace' && apiVersion.endsWith('v1');
  const isCrd = ({ apiVersion, kind }: Manifest): boolean =>
    kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
  const byName = (a: Manifest, b: Manifest): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  return [
    ...objects.filter(isNamespace).sort(byName),
    ...objects.filter(isCrd).sort(byName),
    ...objects.filter((object) => !isNamespace(object) && !isCrd(object)),
  ];
};
