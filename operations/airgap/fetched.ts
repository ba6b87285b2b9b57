import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { TalosPlan } from '../../modules/model/cluster-plan';

/** Something that a deploy, or the cluster after it, gets from elsewhere. */
export interface Fetched {
  readonly kind: 'provider' | 'disk image' | 'image' | 'chart' | 'git' | 'service';
  /** Host, registry or repository. */
  readonly from: string;
  readonly name: string;
  /** Empty where what is fetched has none, or where the chart or Talos that brings it decides. */
  readonly version: string;
  /** Who asks for it: what must reach the place. */
  readonly by: 'who deploys' | 'Proxmox' | 'nodes' | 'cluster';
  /** What leads it to another place. */
  readonly setting: string;
}

const blocks = <Shape extends z.ZodType>(shape: Shape) => z.record(z.string(), shape).default({});
const stack = z.object({
  terraform: z.object({
    required_providers: z.record(z.string(), z.object({ source: z.string(), version: z.string() })),
  }),
  data: z.object({
    talos_machine_configuration: blocks(
      z.object({ kubernetes_version: z.string(), config_patches: z.array(z.string()).default([]) }),
    ),
  }),
  resource: z.object({
    helm_release: blocks(
      z.object({
        repository: z.string(),
        chart: z.string(),
        version: z.string(),
        values: z.array(z.string()).default([]),
      }),
    ),
    proxmox_download_file: blocks(z.object({ url: z.string() })),
  }),
});

/** What is read of a stack's Terraform JSON. */
export type StackJson = z.infer<typeof stack>;

/** @throws Error where it is not the JSON of a stack of this checkout */
export const readStack = (json: unknown): StackJson => stack.parse(json);

const MIRRORS = 'airGap.registry';
const OF_TALOS = { by: 'nodes', setting: MIRRORS, kind: 'image' } as const;

const split = (image: string): { from: string; name: string; version: string } => {
  const [, from = '', name = '', version = ''] = /^([^/]+)\/([^:@]+)[:@]?(.*)$/.exec(image) ?? [];
  return { from, name, version };
};

/** Every value below a key, at any depth. */
const below = (value: unknown, key: string): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((item) => below(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(name === key ? [item as unknown] : []),
    ...below(item, key),
  ]);
};
const texts = (values: readonly unknown[]): string[] =>
  values.flat().filter((value): value is string => typeof value === 'string');
const documents = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJS() as unknown);

/** Static pods and kubelet at the cluster's version (pkg/machinery/constants of Talos 1.13.9), and what Talos itself decides. */
const ofKubernetes = (version: string): Fetched[] => [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => ({
    ...OF_TALOS,
    from: 'registry.k8s.io',
    name,
    version: `v${version}`,
  })),
  { ...OF_TALOS, from: 'ghcr.io', name: 'siderolabs/kubelet', version: `v${version}` },
  ...['etcd', 'coredns/coredns', 'pause'].map((name) => ({ ...OF_TALOS, from: 'registry.k8s.io', name, version: '' })),
];

/** What the machine configs of a cluster name. */
const ofMachines = (patches: readonly string[]): Fetched[] => {
  const configs = patches.flatMap(documents);
  const section = (key: string): unknown[] => below(configs, key);
  const installers = texts(below(section('install'), 'image')).map((image): Fetched => {
    return { kind: 'image', ...split(image), by: 'nodes', setting: 'airGap.factory' };
  });
  const inline = texts(below(section('inlineManifests'), 'contents')).flatMap(documents);
  const images = texts(below(inline, 'image')).map((image): Fetched => ({ ...OF_TALOS, ...split(image) }));
  const service = (from: string, name: string, setting: string): Fetched => {
    return { kind: 'service', from, name, version: '', by: 'nodes', setting };
  };
  const registries = below(section('discovery'), 'service') as { disabled?: boolean; endpoint?: string }[];
  const discovery = registries
    .filter(({ disabled }) => disabled !== true)
    .map(({ endpoint = 'https://discovery.talos.dev/' }) => new URL(endpoint).host);
  return [
    ...installers,
    ...images,
    ...texts(below(section('time'), 'servers')).map((host) => service(host, 'time', 'airGap.timeServers')),
    ...texts(section('nameservers')).map((host) => service(host, 'names', 'network.nameServers')),
    ...discovery.map((host) => service(host, 'discovery of nodes', 'talos.discoveryService')),
  ];
};

/** An image as nodes ask for it: at the mirror, where the spec has one that keeps them from the registry itself. */
export const atMirror =
  ({ registryMirrors }: Pick<TalosPlan, 'registryMirrors'>) =>
  (row: Fetched): Fetched => {
    const mirror = registryMirrors[row.from] ?? registryMirrors['*'];
    const [endpoint] = mirror?.endpoints ?? [];
    if (row.kind !== 'image' || mirror?.skipFallback !== true || endpoint === undefined) return row;
    return { ...row, from: endpoint };
  };

const order = ({ kind, from, name, version }: Fetched): string => [kind, from, name, version].join(' ');

/** Each once, sorted by kind, place and name. */
export const sorted = (all: readonly Fetched[]): Fetched[] =>
  [...new Map(all.map((row) => [order(row), row])).values()].sort((one, other) => (order(one) < order(other) ? -1 : 1));

/** Everything that is fetched for a stack, by what Terraform is told: nothing else decides it. */
export const fetchedFor = ({ terraform, data, resource }: StackJson): Fetched[] => {
  const machines = Object.values(data.talos_machine_configuration);
  const releases = Object.values(resource.helm_release);
  const providers = Object.values(terraform.required_providers).map(({ source, version }): Fetched => {
    const name = source.includes('/') ? source : `hashicorp/${source}`;
    const setting = 'provider_installation in the file that TF_CLI_CONFIG_FILE names';
    return { kind: 'provider', from: 'registry.terraform.io', name, version, by: 'who deploys', setting };
  });
  const images = Object.values(resource.proxmox_download_file).map(({ url }): Fetched => {
    const { origin, pathname } = new URL(url);
    return { kind: 'disk image', from: origin, name: pathname, version: '', by: 'Proxmox', setting: 'airGap.factory' };
  });
  const factories = [...new Set(images.map(({ from }) => from))].map((from): Fetched => ({
    ...{ kind: 'service', from, name: 'schematics', version: '' },
    ...{ by: 'who deploys', setting: 'airGap.factory' },
  }));
  const charts = releases.map(({ repository: from, chart: name, version }): Fetched => ({
    ...{ kind: 'chart', from, name, version },
    ...{ by: 'who deploys', setting: 'airGap.charts' },
  }));
  const repositories = releases
    .flatMap(({ values }) => values.flatMap(documents))
    .flatMap((values) => texts(below(below(values, 'gitRepository'), 'url')))
    .map((from): Fetched => ({
      kind: 'git',
      from,
      name: 'platform',
      version: '',
      by: 'cluster',
      setting: 'flux.repository',
    }));
  return sorted([
    ...providers,
    ...images,
    ...factories,
    ...charts,
    ...repositories,
    ...[...new Set(machines.map(({ kubernetes_version }) => kubernetes_version))].flatMap(ofKubernetes),
    ...ofMachines(machines.flatMap(({ config_patches }) => config_patches)),
  ]);
};
