import { HelmRelease, type IHelmRelease } from '@kubernetes-models/flux-cd/helm.toolkit.fluxcd.io/v2';
import { HelmRepository } from '@kubernetes-models/flux-cd/source.toolkit.fluxcd.io/v1';
import type { Manifest } from '../stage';
import type { ChartVersion } from '../versions';

export interface Release {
  readonly namespace: string;
  readonly values?: NonNullable<NonNullable<IHelmRelease['spec']>['values']>;
  /** Values that stand in Secrets: `secretName` with a key `values.yaml`. */
  readonly valuesFrom?: readonly string[];
  /**
   * `false`: the release counts as installed before its pods are ready, as where they wait for a person.
   * @default true
   */
  readonly wait?: boolean;
  /** Where in the values stand the resources of pods that run once on each node: `['node.plugin']`. */
  readonly perNode?: readonly string[];
}

const perNodes = new WeakMap<Manifest, readonly string[]>();

/** What `perNode` was given as, for a release. */
export const perNodeOf = (manifest: Manifest): readonly string[] => perNodes.get(manifest) ?? [];

/** A chart as Flux installs it, named as the chart: its repository and its release. */
export const helmRelease = (chart: ChartVersion, release: Release): Manifest[] => {
  const { namespace, values, valuesFrom = [], wait = true, perNode = [] } = release;
  const metadata = { name: chart.chart, namespace };
  const action = { remediation: { retries: 3 }, ...(!wait && { disableWait: true }) };
  const repository = new HelmRepository({
    metadata,
    spec: {
      ...(chart.repository.startsWith('oci://') && { type: 'oci' as const }),
      url: chart.repository,
      interval: '1h',
    },
  });
  const installed = new HelmRelease({
    metadata,
    spec: {
      releaseName: chart.chart,
      interval: '10m',
      timeout: '10m',
      chart: {
        spec: {
          chart: chart.chart,
          version: chart.version,
          sourceRef: { kind: 'HelmRepository', name: chart.chart },
          interval: '1h',
        },
      },
      install: { crds: 'Create', ...action },
      upgrade: { crds: 'CreateReplace', ...action },
      // What was changed by hand is put back
      driftDetection: { mode: 'enabled' },
      ...(valuesFrom.length > 0 && { valuesFrom: valuesFrom.map((name) => ({ kind: 'Secret' as const, name })) }),
      ...(values !== undefined && { values }),
    },
  });
  perNodes.set(installed, perNode);
  return [repository, installed];
};
