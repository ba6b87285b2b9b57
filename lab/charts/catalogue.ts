import { CILIUM_VALUES } from './cilium/values-schema';
import { fluxTypesTemplate } from './flux2/types';

/** One version of a stand-in. */
export interface ChartVersion {
  /** Exact; a version that is not here is not in the repository's index. */
  readonly version: string;
  readonly appVersion: string;
}

export interface StandInChart {
  /** Name of the chart, and of its folder here. */
  readonly name: string;
  readonly versions: readonly ChartVersion[];
  /** Files that are written in TypeScript: text by path in the chart. */
  readonly generated?: () => Readonly<Record<string, string>>;
}

export interface ChartRepository {
  /** Without trailing slash. */
  readonly url: string;
  readonly charts: readonly StandInChart[];
}

/** What is served, and where. Versions are real ones: those that a spec pins, and others to upgrade from and to. */
export const CHART_REPOSITORIES: readonly ChartRepository[] = [
  {
    url: 'https://helm.cilium.io',
    charts: [
      {
        name: 'cilium',
        versions: [
          { version: '1.19.6', appVersion: '1.19.6' },
          { version: '1.19.5', appVersion: '1.19.5' },
        ],
        generated: () => ({ 'values.schema.json': JSON.stringify(CILIUM_VALUES) }),
      },
    ],
  },
  {
    url: 'https://fluxcd-community.github.io/helm-charts',
    charts: [
      {
        name: 'flux2',
        versions: [{ version: '2.18.3', appVersion: '2.8.5' }],
        generated: () => ({ 'templates/types.yaml': fluxTypesTemplate() }),
      },
      { name: 'flux2-sync', versions: [{ version: '1.14.5', appVersion: '2.8.5' }] },
    ],
  },
];
