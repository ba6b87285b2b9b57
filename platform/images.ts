import { imagesOfChart } from './chart-images';
import type { SourcedStage } from './stage';

interface Rendered {
  readonly kind?: unknown;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Everything that a cluster fetches from elsewhere for its platform: what a mirror must hold. */
export interface Fetched {
  readonly kind: 'chart' | 'image' | 'git';
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  /** Stage that asks for it. */
  readonly stage: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Every `image` of containers below. What a chart names in its own defaults is in chart-images.ts. */
const imagesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, field]) => {
    if (key !== 'image' && key !== 'imageName') return imagesIn(field);
    if (typeof field === 'string') return [field];
    if (!isObject(field)) return [];
    const host = field['registry'] === undefined ? '' : `${text(field['registry'])}/`;
    return [`${host}${text(field['repository'])}:${text(field['tag'])}`];
  });
};

const imageRow = (image: string, stage: string): Fetched => {
  const colon = image.lastIndexOf(':');
  const repository = image.slice(0, colon);
  return {
    kind: 'image',
    name: repository.slice(repository.lastIndexOf('/') + 1),
    version: image.slice(colon + 1),
    repository,
    stage,
  };
};

const key = ({ kind, repository, name, version, stage }: Fetched): string =>
  [kind, repository, name, version, stage].join(' ');

export const fetchedBy = (stages: readonly SourcedStage[]): Fetched[] => {
  const rows = stages.flatMap(({ name: stage, manifests }): Fetched[] => {
    const objects = manifests.map((manifest) => manifest.toJSON() as Rendered);
    const repositories = objects.filter(({ kind }) => kind === 'HelmRepository');
    return objects.flatMap(({ kind, spec = {} }): Fetched[] => {
      if (kind === 'GitRepository') {
        const { url, ref } = spec as { url: string; ref: { tag: string } };
        return [{ kind: 'git', name: url.slice(url.lastIndexOf('/') + 1), version: ref.tag, repository: url, stage }];
      }
      const images = imagesIn(spec).map((image) => imageRow(image, stage));
      if (kind !== 'HelmRelease') return images;
      const { chart } = spec as { chart: { spec: { chart: string; version: string; sourceRef: { name: string } } } };
      const repository = repositories.find(
        (candidate) => (candidate as { metadata?: { name?: string } }).metadata?.name === chart.spec.sourceRef.name,
      )?.spec?.['url'];
      return [
        { kind: 'chart', name: chart.spec.chart, version: chart.spec.version, repository: text(repository), stage },
        ...images,
        ...imagesOfChart(chart.spec.chart).map((image) => imageRow(image, stage)),
      ];
    });
  });
  return [...new Map(rows.map((row) => [key(row), row])).values()].sort((one, other) =>
    key(one) < key(other) ? -1 : 1,
  );
};
