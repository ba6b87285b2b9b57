import { examples, type Define, type Surroundings } from '../command';
import { findCluster, InputError } from '../deployment/find-cluster';
import { sayPlainly } from '../deployment/plain-error';
import { runningCluster } from '../deployment/running-cluster';
import type { KubernetesNode } from '../kubernetes/drain';
import { proxmoxAccess, ProxmoxClient } from '../proxmox/proxmox-client';
import { readPlan } from '../review/terraform-plan';
import { TerraformWorkspace } from '../terraform/workspace';
import { findRestarts, plannedConfigs, type Restart } from './restart-reasons';
import { inOrder, roll as rollNodes, type RollTools } from './roll';
import type { ClusterPlan } from '../../modules/model/cluster-plan';

interface RollFlags {
  readonly cluster?: string;
  readonly dryRun?: boolean;
  readonly hardware?: boolean;
  readonly force?: boolean;
  readonly allowOutage?: boolean;
  readonly json?: boolean;
  readonly drainTimeout: string;
  readonly restartTimeout: string;
}

const milliseconds = (option: string, text: string): number => {
  const seconds = Number(text);
  if (seconds > 0) return seconds * 1_000;
  throw new InputError(`${option} is "${text}"; give seconds above 0`);
};

const checkNames = ({ name, nodes }: ClusterPlan, wanted: readonly string[]): void => {
  const strangers = wanted.filter((one) => !nodes.some((node) => node.name === one));
  if (strangers.length === 0) return;
  const known = nodes.map((node) => node.name).join(', ');
  throw new InputError(`cluster ${name} has no node ${strangers.join(', ')}; it has ${known}`);
};

const reasonsOf = (
  { node, hardware, config, upgrade, leftClosed }: Restart,
  wanted: readonly string[],
): readonly string[] => [
  ...hardware.map((change) => `hardware: ${change}`),
  ...(config === undefined ? [] : ['machine config that needs a restart']),
  ...(upgrade === undefined ? [] : [`Talos ${upgrade.from} → ${upgrade.to}`]),
  ...(leftClosed ? ['closed by a roll that did not end'] : []),
  ...(wanted.includes(node.name) ? ['named on the command line'] : []),
];

const table = (restarts: readonly Restart[], wanted: readonly string[]): string =>
  restarts.length === 0
    ? 'no node needs a restart\n'
    : inOrder(restarts)
        .map((restart, index) => `${index + 1}. ${restart.node.name}: ${reasonsOf(restart, wanted).join(', ')}\n`)
        .join('');

const json = (restarts: readonly Restart[], wanted: readonly string[]): string =>
  `${JSON.stringify(
    inOrder(restarts).map((restart) => ({ node: restart.node.name, reasons: reasonsOf(restart, wanted) })),
    undefined,
    2,
  )}\n`;

const rollCluster = async (
  wanted: readonly string[],
  flags: RollFlags,
  surroundings: Surroundings,
): Promise<number> => {
  const { environment, out, err } = surroundings;
  const plan = findCluster(flags.cluster, environment);
  checkNames(plan, wanted);
  const options = {
    force: flags.force === true,
    allowOutage: flags.allowOutage === true,
    drainMs: milliseconds('--drain-timeout', flags.drainTimeout),
    restartMs: milliseconds('--restart-timeout', flags.restartTimeout),
  };
  const say = (line: string): void => err(`${line}\n`);
  const configs = flags.hardware
    ? new Map<string, string>()
    : await TerraformWorkspace.use({ stack: plan.stack, environment, tell: say }, async (workspace) =>
        plannedConfigs(readPlan(await workspace.plan())),
      );
  const { talos, kubernetes } = await runningCluster(plan, environment);
  const proxmox = new ProxmoxClient(proxmoxAccess(plan.proxmox, environment));
  const tools: RollTools = { plan, talos, kubernetes, proxmox, say };
  const { items: registered } = await kubernetes.get<{ readonly items: readonly KubernetesNode[] }>('/api/v1/nodes');
  const restarts = await findRestarts({
    ...{ plan, proxmox, talos, configs, registered, wanted },
    hardwareOnly: flags.hardware === true,
  });
  out(flags.json === true ? json(restarts, wanted) : table(restarts, wanted));
  if (flags.dryRun === true || restarts.length === 0) return 0;
  await rollNodes(tools, restarts, wanted, options);
  if (restarts.some(({ config }) => config !== undefined))
    say(`next: npx cdktf deploy ${plan.stack} notes the new configs`);
  return 0;
};

/** `groundwork roll`: restarts what needs it, and upgrades Talos, one node at a time. */
export const roll: Define = (command, run) => {
  command
    .argument('[nodes...]', 'restart these, though nothing waits for it')
    .option('--cluster <name>', 'where there are several')
    .option('--dry-run', 'only say which nodes would be restarted, in which order, and why')
    .option('--hardware', 'look only at what waits in Proxmox, and make no Terraform plan')
    .option('--force', 'evict pods too that nobody makes again elsewhere')
    .option('--allow-outage', 'with one or two control planes: the API is away while one restarts')
    .option('--drain-timeout <seconds>', 'how long disruption budgets may hold up a node', '600')
    .option('--restart-timeout <seconds>', 'how long a node may take to be well again', '600')
    .option('--json', 'the list of restarts as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork roll --dry-run', 'npx groundwork roll', 'npx groundwork roll worker0'],
        'a node that did not go or come back, a quorum at risk, or bad input',
      ),
    )
    .action((wanted: readonly string[], flags: RollFlags) =>
      run((surroundings) =>
        rollCluster(wanted, flags, surroundings).catch(sayPlainly('the same command goes on from here')),
      ),
    );
};
