import { resolve } from 'node:path';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { SpecError } from '../../modules/model/spec-error';
import { examples, type Define } from '../command';
import { moveNode, placeCluster, recordedClusters, recordHosts, type Folders } from './placement';

const ROOT = resolve(__dirname, '../..');

const folders = (environment: NodeJS.ProcessEnv): Folders => ({
  clusters: resolve(ROOT, environment['GROUNDWORK_CLUSTERS_DIR'] ?? 'clusters'),
  states: resolve(environment['GROUNDWORK_STATE_DIR'] ?? `${ROOT}/terraform-state`),
});

const BY = { spec: 'its spec', record: 'recorded', rule: 'not recorded' } as const;

const table = ({ name, nodes, proxmox }: ClusterPlan): string => {
  const rows = nodes.map((node) => [
    node.name,
    node.host,
    proxmox.failureDomains[node.host] ?? node.host,
    BY[node.placedBy],
  ]);
  const all = [['NODE', 'HOST', 'FAILURE DOMAIN', 'BY'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return `${name}\n${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}\n`;
};

const json = (plans: readonly ClusterPlan[]): string =>
  `${JSON.stringify(
    plans.map(({ name, nodes, proxmox }) => ({
      cluster: name,
      nodes: nodes.map((node) => ({
        node: node.name,
        host: node.host,
        failureDomain: proxmox.failureDomains[node.host] ?? node.host,
        by: node.placedBy,
      })),
    })),
    undefined,
    2,
  )}\n`;

interface ShowOptions {
  readonly write?: boolean;
  readonly state?: string;
  readonly json?: boolean;
}

const show = (cluster: string | undefined, options: ShowOptions): number => {
  const where = folders(process.env);
  const plan = (): ClusterPlan[] =>
    recordedClusters(where.clusters, cluster).map((found) => placeCluster(found, where, options.state));
  if (options.write === true)
    for (const placed of plan()) process.stderr.write(`wrote ${recordHosts(where, placed)}; commit it\n`);
  const plans = plan();
  process.stdout.write(options.json === true ? json(plans) : plans.map(table).join('\n'));
  const open = plans.filter(
    ({ nodes, proxmox }) => proxmox.hosts.length > 1 && nodes.some(({ placedBy }) => placedBy === 'rule'),
  );
  for (const { name } of open)
    process.stderr.write(`${name} has unrecorded nodes: npx groundwork placement ${name} --write records them\n`);
  return open.length === 0 ? 0 : 1;
};

const move = (node: string, host: string, cluster: string | undefined): number => {
  const where = folders(process.env);
  const [only, ...others] = recordedClusters(where.clusters, cluster);
  if (only === undefined || others.length > 0) throw new SpecError('there are several clusters: say --cluster <name>');
  const from = moveNode(where, only, node, host);
  const { name } = only.spec;
  process.stderr.write(
    from === host
      ? `${node} is recorded on ${host} already\n`
      : `${node} is recorded on ${host}, it was on ${from}; npx cdktf deploy ${placeCluster(only, where).stack} migrates it, and ${name}.placement.json is to be committed\n`,
  );
  return 0;
};

/** `groundwork placement`: which node is on which host. */
export const placement: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: all clusters')
    .option('--write', 'record the host of every node in <cluster>.placement.json, which is committed')
    .option('--state <file>', 'a Terraform state: nodes in it that are not recorded stay where they are')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork placement', 'npx groundwork placement --write', 'npx groundwork placement move worker0 pve2'],
        'a host that is not recorded, or bad input',
      ),
    )
    .action((cluster: string | undefined, options: ShowOptions) => run(() => Promise.resolve(show(cluster, options))));
  command
    .command('move')
    .description('record another host for a node: the next deploy migrates its VM')
    .argument('<node>')
    .argument('<host>')
    .option('--cluster <name>', 'where there are several')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork placement move worker0 pve2', 'npx groundwork placement move worker0 pve2 --cluster lab'],
        'bad input',
      ),
    )
    .action((node: string, host: string, options: { readonly cluster?: string }) =>
      run(() => Promise.resolve(move(node, host, options.cluster))),
    );
};
