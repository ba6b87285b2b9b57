import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import { eventually, type Seen } from '../deployment/eventually';
import { InputError } from '../deployment/find-cluster';
import { controlPlanes } from '../deployment/running-cluster';
import { empty, nodePath, uncordon, type KubernetesNode } from '../kubernetes/drain';
import type { KubernetesClient } from '../kubernetes/kubernetes-client';
import type { ProxmoxClient } from '../proxmox/proxmox-client';
import { isMinorSkip } from '../review/versions';
import { againstPause, lookAtEtcd } from '../talos/etcd-quorum';
import { TalosError, type TalosClient } from '../talos/talos-client';
import { ROLL, type Restart } from './restart-reasons';

/** What a roll does to a cluster, and no more. */
export interface RollTools {
  readonly plan: ClusterPlan;
  readonly talos: Pick<
    TalosClient,
    | 'services'
    | 'etcdMembers'
    | 'etcdForfeitLeadership'
    | 'bootId'
    | 'status'
    | 'reboot'
    | 'applyConfiguration'
    | 'upgrade'
    | 'version'
  >;
  readonly kubernetes: Pick<KubernetesClient, 'find' | 'get' | 'patch' | 'evict'>;
  readonly proxmox: Pick<ProxmoxClient, 'post' | 'finished'>;
  /** Told each step. */
  readonly say: (line: string) => void;
}

export interface RollOptions {
  /** Evicts pods too that nobody makes again elsewhere. */
  readonly force: boolean;
  /** Restarts a control plane although the API is away meanwhile, as with one or two control planes. */
  readonly allowOutage: boolean;
  /** Milliseconds for the eviction of a node's pods. */
  readonly drainMs: number;
  /** Milliseconds from the restart of a node until it is well again. */
  readonly restartMs: number;
  /** Milliseconds between two looks. @default 1000 */
  readonly pollMs?: number;
}

/** How long the state before a restart may take to be a good one: a node of the round before may still come back. */
const SETTLE_MS = 120_000;
/** Seconds that Proxmox waits for the guest to switch itself off; a node stops its pods first. */
const GUEST_OFF_SECONDS = 300;

/** Workers first, then control planes, each in the order of the plan. */
export const inOrder = (restarts: readonly Restart[]): readonly Restart[] => [
  ...restarts.filter(({ node }) => node.role === 'worker'),
  ...restarts.filter(({ node }) => node.role === 'controlplane'),
];

const readyOf = (node: KubernetesNode | undefined): { readonly at: string; readonly fault: string | undefined } => {
  const ready = node?.status.conditions?.find(({ type }) => type === 'Ready');
  const fault = ready?.status === 'True' ? undefined : (ready?.message ?? 'it is not registered');
  return { at: ready?.lastHeartbeatTime ?? '', fault };
};

/** All other nodes are Ready, and etcd can do without this one where it is a control plane. */
const mayRestart = async (
  { plan, talos, kubernetes }: RollTools,
  { name, role }: NodePlan,
  { allowOutage }: RollOptions,
): Promise<Seen<true>> => {
  const { items } = await kubernetes.get<{ readonly items: readonly KubernetesNode[] }>('/api/v1/nodes');
  const away = plan.nodes
    .filter((other) => other.name !== name)
    .map((other) => ({ other, ...readyOf(items.find(({ metadata }) => metadata.name === other.name)) }))
    .filter(({ fault }) => fault !== undefined);
  if (away.length > 0)
    return { yet: away.map(({ other, fault }) => `${other.name} is not Ready: ${fault ?? ''}`).join('; ') };
  if (role === 'worker') return { found: true };
  const view = await lookAtEtcd(talos, controlPlanes(plan));
  const learners = view.members.filter(({ isLearner }) => isLearner);
  if (learners.length > 0)
    return { yet: `${learners.map((one) => one.name).join(', ')} is not a voting member of etcd yet` };
  const against = againstPause(view, name);
  if (against === undefined || allowOutage) return { found: true };
  return { yet: `${against}; mend that, or add --allow-outage if the API may be away while it restarts` };
};

/** The node runs since another boot, Kubernetes has heard of it since, and etcd has it as a healthy voter. */
const isBack = async (
  { plan, talos, kubernetes }: RollTools,
  { name, address, role }: NodePlan,
  before: { readonly bootId: string; readonly heartbeat: string },
  planned?: string,
): Promise<Seen<true>> => {
  const at = address.toString();
  if ((await talos.bootId(at)) === before.bootId) return { yet: 'it has not gone down yet' };
  const { stage, status } = await talos.status(at);
  if (stage !== 'RUNNING' || status?.ready !== true) {
    const unmet = status?.unmet_conditions.map((condition) => `${condition.name}: ${condition.reason}`) ?? [];
    return { yet: `Talos is ${stage}, not ready${unmet.length === 0 ? '' : ` (${unmet.join('; ')})`}` };
  }
  const version = planned === undefined ? undefined : await talos.version(at);
  if (version !== planned) return { yet: `it runs Talos ${version ?? ''} still: its console in Proxmox says why` };
  if (role === 'controlplane') {
    const { healthy, faults } = await lookAtEtcd(talos, controlPlanes(plan));
    if (!healthy.includes(name)) return { yet: `etcd: ${faults[name] ?? 'it is not a voting member'}` };
  }
  const ready = readyOf(await kubernetes.find<KubernetesNode>(nodePath(name)));
  if (ready.fault !== undefined) return { yet: `its Node is not Ready: ${ready.fault}` };
  return ready.at === before.heartbeat ? { yet: 'its kubelet has not reported since' } : { found: true };
};

/**
 * So that etcd need not notice the leader's absence and vote: writes would wait for about a second. Where the node does not, it
 * restarts all the same, as after a power cut.
 */
const giveUpLeadership = async ({ plan, talos, say }: RollTools, { name, role, address }: NodePlan): Promise<void> => {
  if (role === 'worker' || controlPlanes(plan).length === 1) return;
  try {
    const leader = await talos.etcdForfeitLeadership(address.toString());
    if (leader !== '') say(`${name} hands the leadership of etcd to ${leader}`);
  } catch (error) {
    if (!(error instanceof TalosError)) throw error;
    say(
      `${name} does not hand over the leadership of etcd, so the others elect a leader when it is gone: ${error.message}`,
    );
  }
};

/** Hardware waits for a power-on, which a reboot from inside is not; a config for any boot. */
const restart = async (
  { talos, proxmox, say }: RollTools,
  { node, host, hardware, config, upgrade }: Restart,
): Promise<void> => {
  const { name, vmId, address } = node;
  if (config !== undefined) {
    await talos.applyConfiguration(address.toString(), config, 'STAGED');
    say(`${name} has its new config for the next boot`);
  }
  if (upgrade !== undefined) {
    say(`${name} pulls ${upgrade.image}, and restarts with Talos ${upgrade.to} in place of ${upgrade.from}`);
    await talos.upgrade(address.toString(), upgrade.image);
    return;
  }
  if (hardware.length === 0) {
    say(`${name} restarts`);
    await talos.reboot(address.toString());
    return;
  }
  say(`${name} is switched off and on by Proxmox: ${hardware.join(', ')}`);
  const upid = await proxmox.post<string>(`/nodes/${host}/qemu/${vmId}/status/reboot`, { timeout: GUEST_OFF_SECONDS });
  await proxmox.finished(upid);
};

/** An upgrade restarts from inside, which brings no hardware in: that is a restart of its own. */
const restartsOf = (todo: Restart): readonly Restart[] =>
  todo.upgrade === undefined || todo.hardware.length === 0
    ? [todo]
    : [
        { ...todo, hardware: [] },
        { ...todo, upgrade: undefined, config: undefined },
      ];

const patience = (limitMs: number, { pollMs }: RollOptions) => ({
  limitMs,
  ...(pollMs === undefined ? {} : { pollMs }),
});

const rollNode = async (tools: RollTools, todo: Restart, options: RollOptions, isWanted: boolean): Promise<void> => {
  const { talos, kubernetes, say } = tools;
  const { node, hardware, config, upgrade, leftClosed } = todo;
  const { name, address } = node;
  await eventually(`${name} may restart`, patience(SETTLE_MS, options), () => mayRestart(tools, node, options));
  if (hardware.length > 0 || config !== undefined || upgrade !== undefined || isWanted) {
    const found = await kubernetes.find<KubernetesNode>(nodePath(name));
    const wasClosed = found?.spec.unschedulable === true && !leftClosed;
    if (!wasClosed) {
      say(`${name} takes no new pods; draining`);
      const evicted = await empty(kubernetes, name, ROLL, {
        force: options.force,
        ...patience(options.drainMs, options),
      });
      say(`${name} is drained: ${evicted} pods evicted`);
    }
    for (const step of restartsOf(todo)) {
      const { at: heartbeat } = readyOf(await kubernetes.find<KubernetesNode>(nodePath(name)));
      const before = { bootId: await talos.bootId(address.toString()), heartbeat };
      await giveUpLeadership(tools, node);
      await restart(tools, step);
      const look = (): Promise<Seen<true>> => isBack(tools, node, before, step.upgrade?.to);
      await eventually(`${name} is back`, patience(options.restartMs, options), look);
    }
    say(`${name} is back and Ready${node.role === 'controlplane' ? ', a healthy member of etcd' : ''}`);
    if (wasClosed) {
      say(`${name} was closed for new pods before, and stays so`);
      return;
    }
  }
  const anyBoot = { bootId: '', heartbeat: '' };
  await eventually(`${name} is well`, patience(options.restartMs, options), () => isBack(tools, node, anyBoot));
  await eventually(`${name} takes pods again`, patience(SETTLE_MS, options), async () => {
    await uncordon(kubernetes, name);
    return { found: true };
  });
  say(`${name} takes pods again`);
};

/**
 * Restarts nodes one after the other, each only while all others are well.
 * @param wanted names of nodes that are restarted with no reason
 * @throws InputError where etcd would lose its quorum, or Talos would leave out a minor version; Impatience, DrainRefused where a node does not go or come back:
 *   what is left is found again by the next roll
 */
export const roll = async (
  tools: RollTools,
  restarts: readonly Restart[],
  wanted: readonly string[],
  options: RollOptions,
): Promise<void> => {
  const skips = restarts.flatMap(({ node, upgrade }) =>
    upgrade !== undefined && isMinorSkip(upgrade.from, upgrade.to) ? [`${node.name} runs Talos ${upgrade.from}`] : [],
  );
  if (skips.length > 0)
    throw new InputError(
      `${skips.join(', ')}, and v${tools.plan.versions.talos} leaves out a minor version; set versions.talos to the last release of the next one, and roll that first`,
    );
  const view = await lookAtEtcd(tools.talos, controlPlanes(tools.plan));
  const planes = restarts.filter(({ node }) => node.role === 'controlplane');
  const against = planes.map(({ node }) => againstPause(view, node.name)).filter((text) => text !== undefined);
  if (against.length > 0 && !options.allowOutage)
    throw new InputError(
      `${against.join('\n')}\nmend that, or add --allow-outage if the API may be away while a control plane restarts`,
    );
  for (const todo of inOrder(restarts)) await rollNode(tools, todo, options, wanted.includes(todo.node.name));
};
