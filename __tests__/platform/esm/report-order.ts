import { CustomKind } from '../../../platform/custom-kind';
import { helmRelease } from '../../../platform/kinds/helm';
import { namespaceOf } from '../../../platform/kinds/namespace';
import { graphOf, withGraphs } from '../../../platform/graph';
import { checkOrder } from '../../../platform/platform';
import { render } from '../../../platform/render';
import type { SourcedStage } from '../../../platform/stage';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { z } from 'zod';

/** Run as a process of its own, as it is ESM: what wrong stages are refused with, as JSON. */
const stage = (name: string, ...needs: string[]): SourcedStage => ({
  name,
  needs,
  manifests: [],
  source: `${name}.ts`,
});
const plan = { flux: { path: './rendered' }, platform: {} } as ClusterPlan;

const outcome = (act: () => unknown): string => {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const rendering = (...manifests: SourcedStage['manifests']): string =>
  outcome(() => render(plan, [{ ...stage('one'), manifests }]));

const Pool = new CustomKind('example.org/v1', 'Pool', z.strictObject({ size: z.number() }));
const [, release] = helmRelease(
  { chart: 'app', repository: 'https://example.org', version: '1.0.0' },
  { namespace: 'app' },
);
const broken = release as unknown as { spec: { interval?: unknown } };
delete broken.spec.interval;

process.stdout.write(
  JSON.stringify({
    good: outcome(() => checkOrder([stage('a', 'b'), stage('b')])),
    cycle: outcome(() => checkOrder([stage('a', 'b'), stage('b', 'c'), stage('c', 'a')])),
    missing: outcome(() => checkOrder([stage('a', 'b')])),
    twice: outcome(() => checkOrder([stage('a'), { ...stage('a'), source: 'other.ts' }])),
    sameFile: rendering(namespaceOf('x', 'baseline'), namespaceOf('x', 'baseline')),
    goodCustom: rendering(Pool.of({ name: 'p' }, { size: 1 })),
    misspelt: rendering(Pool.of({ name: 'p' }, { size: 1, sise: 2 } as { size: number })),
    incomplete: release === undefined ? '' : rendering(release),
    graphs: withGraphs('PLATFORM.md', 'before\n<!-- graph -->\nold\n<!-- /graph -->\nafter\n', [
      { name: 'one', graph: 'flowchart LR\n  a\n' },
      { name: 'two', graph: 'flowchart LR\n  b\n' },
    ]),
    unmarked: outcome(() => withGraphs('PLATFORM.md', 'no marks', [])),
    graph: graphOf([stage('a'), stage('b', 'a'), stage('c', 'a', 'b'), stage('d')]),
  }),
);
