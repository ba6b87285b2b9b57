import { parseAllDocuments } from 'yaml';
import { changedPaths, valueAt } from './changed-paths';

/**
 * Fields of `machine` that Talos changes on a running machine. Source: v1alpha1_runtime.go, CanApplyImmediate, at v1.13.9.
 * The section `cluster` is always applied at once.
 */
const IMMEDIATE = new Set([
  ...['ca', 'acceptedCAs', 'time', 'certSANs', 'install', 'network', 'sysfs', 'sysctls', 'logging', 'controlPlane'],
  ...['kubelet', 'kernel', 'registries', 'pods', 'seccompProfiles', 'nodeAnnotations', 'nodeLabels', 'nodeTaints'],
]);
const IMMEDIATE_FEATURES = new Set([
  'kubernetesTalosAPIAccess',
  'kubePrism',
  'hostDNS',
  'imageCache',
  'nodeAddressSortAlgorithm',
]);

/** Restarts pods of the control plane, or the kubelet, where they differ; the machine runs on. */
const CONTROL_PLANE_PODS = /^cluster\.(apiServer|controllerManager|scheduler|network\.serviceSubnets)/;

/** How the machine config of a node changes. Paths only: a machine config holds the keys of the cluster. */
export interface ConfigChange {
  /** As `machine.network.nameservers`. */
  readonly paths: readonly string[];
  /** Those that Talos applies at the next start only. */
  readonly needRestart: readonly string[];
  /** True where API servers, controller managers or schedulers start again. */
  readonly restartsControlPlanePods: boolean;
  /** Names of inline manifests whose text changes: Talos creates what is missing, and changes nothing. */
  readonly manifests: readonly string[];
  /** Who moves the VIP before and after, as `kube-vip` and `Talos`, where it changes. */
  readonly vipOwner?: readonly [string, string];
  /** `machine.install.image` before and after, where it changes. */
  readonly installer?: readonly [string, string];
  /** Version of the kubelet before and after, no leading `v`, where it changes. */
  readonly kubelet?: readonly [string, string];
}

type Documents = Readonly<Record<string, unknown>>;

/** v1alpha1 at the top, as it has no kind; the others by kind and name. */
const documentsOf = (text: string): Documents =>
  Object.assign(
    {},
    ...parseAllDocuments(text).map((document) => {
      const content = document.toJS() as { readonly kind?: string; readonly name?: string } | null;
      return content?.kind === undefined ? content : { [`${content.kind}/${content.name ?? ''}`]: content };
    }),
  ) as Documents;

const needsRestart = (path: string): boolean => {
  const [section = '', field = '', feature = ''] = path.split('.');
  if (section === 'cluster' || section === 'debug' || section.includes('/')) return false;
  if (section !== 'machine') return true;
  return field === 'features' ? !IMMEDIATE_FEATURES.has(feature) : !IMMEDIATE.has(field);
};

/** List places say nothing to a reader: `machine.network.nameservers`, not `machine.network.nameservers.0`. */
const withoutPlaces = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => path.replace(/\.\d+(\..*)?$/, ''))),
];

const tagOf = (image: unknown): string => /:v([^:/]+)$/.exec(String(image))?.[1] ?? '';

const manifestsOf = (documents: Documents): ReadonlyMap<string, string> =>
  new Map(
    ((valueAt(documents, 'cluster.inlineManifests') ?? []) as { name: string; contents: string }[]).map(
      ({ name, contents }) => [name, contents],
    ),
  );

const hasVip = (documents: Documents): boolean =>
  ((valueAt(documents, 'machine.network.interfaces') ?? []) as { vip?: unknown }[]).some(
    ({ vip }) => vip !== undefined,
  );

const vipOwnerOf = (documents: Documents, manifests: ReadonlyMap<string, unknown>): string | undefined =>
  manifests.has('kube-vip') ? 'kube-vip' : hasVip(documents) ? 'Talos' : undefined;

/** @param before and after: machine configs as YAML */
export const configChange = (before: string, after: string): ConfigChange => {
  const [old, young] = [documentsOf(before), documentsOf(after)];
  const paths = withoutPlaces(changedPaths(old, young));
  const pair = (path: string, of: (value: unknown) => string): readonly [string, string] | undefined => {
    const [from, to] = [of(valueAt(old, path)), of(valueAt(young, path))];
    return from === to ? undefined : [from, to];
  };
  const [oldManifests, manifests] = [manifestsOf(old), manifestsOf(young)];
  const [oldOwner, owner] = [vipOwnerOf(old, oldManifests), vipOwnerOf(young, manifests)];
  const isHandedOver = oldOwner !== undefined && owner !== undefined && oldOwner !== owner;
  const installer = pair('machine.install.image', String);
  const kubelet = pair('machine.kubelet.image', tagOf);
  return {
    paths,
    needRestart: paths.filter(needsRestart),
    restartsControlPlanePods: paths.some((path) => CONTROL_PLANE_PODS.test(path)),
    manifests: [...new Set([...oldManifests.keys(), ...manifests.keys()])].filter(
      (name) => oldManifests.get(name) !== manifests.get(name),
    ),
    ...(isHandedOver && { vipOwner: [oldOwner, owner] as const }),
    ...(installer !== undefined && { installer }),
    ...(kubelet !== undefined && { kubelet }),
  };
};
