import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { examples, type Define, type Surroundings } from '../command';
import { findCluster } from '../deployment/find-cluster';
import { runNode } from '../deployment/run-node';
import { atMirror, fetchedFor, readStack, sorted, type Fetched } from './fetched';

type Environment = Surroundings['environment'];

/** The stack's Terraform JSON, synthesized anew to a folder that goes again. */
const stackJson = async ({ stack }: ClusterPlan, environment: Environment): Promise<unknown> => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-'));
  try {
    await runNode(['-r', require.resolve('tsx/cjs'), 'main.ts'], { ...environment, CDKTF_OUTDIR: folder });
    return JSON.parse(readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

interface PlatformRow {
  readonly kind: 'chart' | 'image' | 'git';
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** What Flux fetches, by the platform's own list: its rooms are another process. */
const platformRows = async ({ name }: ClusterPlan, environment: Environment): Promise<Fetched[]> => {
  const loader = pathToFileURL(require.resolve('tsx')).href;
  const json = await runNode(['--import', loader, 'platform/cli.ts', 'images', name, '--json'], environment);
  const { clusters } = JSON.parse(json) as {
    readonly clusters: readonly { readonly fetched: readonly PlatformRow[] }[];
  };
  return clusters
    .flatMap(({ fetched }) => fetched)
    .map(({ kind, name: of, version, repository }): Fetched => {
      if (kind !== 'image') {
        const setting = kind === 'chart' ? 'airGap.charts' : 'airGap.git';
        return { kind, from: repository, name: of, version, by: 'cluster', setting };
      }
      const [from = '', ...path] = repository.split('/');
      return { kind, from, name: path.join('/'), version, by: 'nodes', setting: 'airGap.registry' };
    });
};

const table = (rows: readonly Fetched[]): string => {
  const cells = [
    ['KIND', 'FROM', 'NAME', 'VERSION', 'BY', 'SETTING'],
    ...rows.map(({ kind, from, name, version, by, setting }) => [kind, from, name, version || '-', by, setting]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};

/** `groundwork airgap`: what must be reached from where, or be mirrored. */
export const airgap: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; may be left out where there is one')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(['npx groundwork airgap', 'npx groundwork airgap infrastructure --json'], 'bad input'),
    )
    .action((cluster: string | undefined, { json }: { readonly json?: boolean }) =>
      run(async ({ environment, out, err }) => {
        const plan = findCluster(cluster, environment);
        const [stack, platform] = await Promise.all([stackJson(plan, environment), platformRows(plan, environment)]);
        const rows = sorted([...fetchedFor(readStack(stack)), ...platform].map(atMirror(plan.talos)));
        out(
          json === true
            ? `${JSON.stringify({ format: 1, cluster: plan.name, fetched: rows }, null, 2)}\n`
            : table(rows),
        );
        err(
          'the charts of Cilium and Flux bring images of their own: `helm template` lists them; `talosctl image default` those of Talos\n',
        );
        return 0;
      }),
    );
};
