/**
 * The types that flux2 2.18 (Flux 2.8) brings, as far as a rehearsal needs to refuse what they refuse: groups, names,
 * versions and required fields of all, the whole spec of those that this project writes. Status is open: no
 * controller runs in the lab, and nothing sets it. Checked against fluxcd-community/helm-charts, charts/flux2.
 */
interface Property {
  readonly type?: 'string' | 'boolean' | 'integer' | 'object' | 'array';
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly default?: string | boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

const text: Property = { type: 'string' };
const flag: Property = { type: 'boolean' };
const whole: Property = { type: 'integer' };
const open: Property = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const anything: Property = { 'x-kubernetes-preserve-unknown-fields': true };
const texts: Property = { type: 'object', additionalProperties: text };
const listOf = (items: Property): Property => ({ type: 'array', items });
const oneOf = (...names: readonly string[]): Property => ({ type: 'string', enum: names });
const object = (properties: Readonly<Record<string, Property>>, ...required: readonly string[]): Property => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const each = (property: Property, ...names: readonly string[]): Record<string, Property> =>
  Object.fromEntries(names.map((name) => [name, property]));

const duration: Property = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' };
const shortDuration: Property = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$' };
const named = object({ name: text }, 'name');
const source = object(each(text, 'apiVersion', 'kind', 'name', 'namespace'), 'kind', 'name');
const labelled = object(each(texts, 'annotations', 'labels'));

const gitRepository = object(
  {
    ...each(text, 'ignore', 'serviceAccountName'),
    ...each(flag, 'recurseSubmodules', 'suspend'),
    ...each(named, 'proxySecretRef', 'secretRef'),
    include: listOf(object({ fromPath: text, repository: named, toPath: text }, 'repository')),
    interval: duration,
    provider: oneOf('generic', 'azure', 'github'),
    ref: object(each(text, 'branch', 'commit', 'name', 'semver', 'tag')),
    sparseCheckout: listOf(text),
    timeout: { ...shortDuration, default: '60s' },
    url: { type: 'string', pattern: '^(http|https|ssh)://.*$' },
    verify: object({ mode: oneOf('head', 'HEAD', 'Tag', 'TagAndHEAD'), secretRef: named }, 'secretRef'),
  },
  'interval',
  'url',
);

const helmRepository = object(
  {
    ...each(flag, 'insecure', 'passCredentials', 'suspend'),
    ...each(named, 'certSecretRef', 'secretRef'),
    accessFrom: open,
    interval: duration,
    provider: { ...oneOf('generic', 'aws', 'azure', 'gcp'), default: 'generic' },
    timeout: shortDuration,
    type: oneOf('default', 'oci'),
    url: { type: 'string', pattern: '^(http|https|oci)://.*$' },
  },
  'url',
);

const helmChart = object(
  {
    ...each(flag, 'ignoreMissingValuesFiles', 'suspend'),
    chart: text,
    interval: duration,
    reconcileStrategy: { ...oneOf('ChartVersion', 'Revision'), default: 'ChartVersion' },
    sourceRef: source,
    valuesFiles: listOf(text),
    verify: open,
    version: { type: 'string', default: '*' },
  },
  'chart',
  'interval',
  'sourceRef',
);

const kustomization = object(
  {
    ...each(flag, 'ignoreMissingComponents', 'prune', 'suspend', 'wait'),
    ...each(text, 'namePrefix', 'nameSuffix', 'path', 'serviceAccountName', 'targetNamespace'),
    ...each(duration, 'interval', 'retryInterval', 'timeout'),
    commonMetadata: labelled,
    components: listOf(text),
    decryption: object({ provider: oneOf('sops'), secretRef: named, serviceAccountName: text }, 'provider'),
    deletionPolicy: oneOf('MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'),
    dependsOn: listOf(object(each(text, 'name', 'namespace', 'readyExpr'), 'name')),
    force: { type: 'boolean', default: false },
    healthCheckExprs: listOf(open),
    healthChecks: listOf(source),
    images: listOf(object(each(text, 'digest', 'name', 'newName', 'newTag'), 'name')),
    kubeConfig: open,
    patches: listOf(object({ patch: text, target: open }, 'patch')),
    postBuild: object({ substitute: texts, substituteFrom: listOf(open) }),
    sourceRef: source,
  },
  'interval',
  'prune',
  'sourceRef',
);

const helmRelease = object(
  {
    ...each(text, 'releaseName', 'serviceAccountName', 'storageNamespace', 'targetNamespace'),
    ...each(flag, 'persistentClient', 'suspend'),
    ...each(duration, 'interval', 'timeout'),
    ...each(open, 'driftDetection', 'install', 'kubeConfig', 'rollback', 'test', 'uninstall', 'upgrade'),
    chart: object(
      { metadata: labelled, spec: object({ ...helmChart.properties, sourceRef: source }, 'chart', 'sourceRef') },
      'spec',
    ),
    chartRef: source,
    commonMetadata: labelled,
    dependsOn: listOf(object(each(text, 'name', 'namespace', 'readyExpr'), 'name')),
    healthCheckExprs: listOf(open),
    maxHistory: whole,
    postRenderers: listOf(open),
    values: anything,
    valuesFrom: listOf(open),
    waitStrategy: object({ name: text }, 'name'),
  },
  'interval',
);

/** A spec of which only the required fields are known here. */
const loose = (...required: readonly string[]): Property => ({
  ...open,
  ...(required.length === 0 ? {} : { required }),
});

interface FluxType {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly version: string;
  readonly spec: Property;
}

const TYPES: readonly FluxType[] = [
  {
    group: 'source',
    kind: 'GitRepository',
    plural: 'gitrepositories',
    shortNames: ['gitrepo'],
    version: 'v1',
    spec: gitRepository,
  },
  {
    group: 'source',
    kind: 'HelmRepository',
    plural: 'helmrepositories',
    shortNames: ['helmrepo'],
    version: 'v1',
    spec: helmRepository,
  },
  { group: 'source', kind: 'HelmChart', plural: 'helmcharts', shortNames: ['hc'], version: 'v1', spec: helmChart },
  {
    group: 'source',
    kind: 'OCIRepository',
    plural: 'ocirepositories',
    shortNames: ['ocirepo'],
    version: 'v1',
    spec: loose('interval', 'url'),
  },
  {
    group: 'source',
    kind: 'Bucket',
    plural: 'buckets',
    version: 'v1',
    spec: loose('bucketName', 'endpoint', 'interval'),
  },
  { group: 'source', kind: 'ExternalArtifact', plural: 'externalartifacts', version: 'v1', spec: loose() },
  {
    group: 'kustomize',
    kind: 'Kustomization',
    plural: 'kustomizations',
    shortNames: ['ks'],
    version: 'v1',
    spec: kustomization,
  },
  { group: 'helm', kind: 'HelmRelease', plural: 'helmreleases', shortNames: ['hr'], version: 'v2', spec: helmRelease },
  {
    group: 'notification',
    kind: 'Alert',
    plural: 'alerts',
    version: 'v1beta3',
    spec: loose('eventSources', 'providerRef'),
  },
  { group: 'notification', kind: 'Provider', plural: 'providers', version: 'v1beta3', spec: loose('type') },
  {
    group: 'notification',
    kind: 'Receiver',
    plural: 'receivers',
    version: 'v1',
    spec: loose('resources', 'secretRef', 'type'),
  },
];

const definition = ({ group, kind, plural, shortNames, version, spec }: FluxType): unknown => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}.toolkit.fluxcd.io`, labels: { 'app.kubernetes.io/part-of': 'flux' } },
  spec: {
    group: `${group}.toolkit.fluxcd.io`,
    names: {
      kind,
      listKind: `${kind}List`,
      plural,
      singular: kind.toLowerCase(),
      ...(shortNames === undefined ? {} : { shortNames }),
    },
    scope: 'Namespaced',
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object({
            ...each(text, 'apiVersion', 'kind'),
            metadata: { type: 'object' },
            spec,
            status: open,
          }),
        },
      },
    ],
  },
});

/** The template that installs them, unless `installCRDs` is false. */
export const fluxTypesTemplate = (): string =>
  [
    '{{- if .Values.installCRDs }}',
    ...TYPES.map((type) => `---\n${JSON.stringify(definition(type))}`),
    '{{- end }}',
    '',
  ].join('\n');
