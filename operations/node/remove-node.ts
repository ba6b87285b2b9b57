import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { eventually } from '../deployment/eventually';
import { InputError } from '../deployment/find-cluster';
import { controlPlanes } from '../deployment/running-cluster';
import { empty, nodePath, type KubernetesNode } from '../kubernetes/drain';
import type { KubernetesClient } from '../kubernetes/kubernetes-client';
import { againstLeave, lookAtEtcd, type ControlPlane, type EtcdView } from '../talos/etcd-quorum';
import { TalosError, type TalosClient } from '../talos/talos-client';

/** What a removal does to a cluster, and no more. */
export interface RemovalTools {
  readonly plan: ClusterPlan;
  readonly talos: Pick<
    TalosClient,
    'services' | 'etcdMembers' | 'etcdLeave' | 'etcdRemoveMember' | 'reset' | 'version'
  >;
  readonly kubernetes: Pick<KubernetesClient, 'find' | 'get' | 'patch' | 'evict' | 'delete'>;
  /** Told each step. */
  readonly say: (line: string) => void;
}

export interface RemovalOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Evicts pods too that nobody makes again elsewhere. */
  readonly force: boolean;
  /** Milliseconds for the eviction of all pods. */
  readonly drainMs: number;
  /** Milliseconds between two looks. @default 1000 */
  readonly pollMs?: number;
}

/** A node as far as it is still there. */
interface Target {
  readonly name: string;
  /** Undefined where neither the spec nor Kubernetes knows one. */
  readonly address: string | undefined;
  readonly registered: KubernetesNode | undefined;
  /** Undefined where it is no control plane, and no member. */
  readonly etcd: EtcdView | undefined;
}

const OFF_MS = 120_000;
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

const internalIp = ({ status }: KubernetesNode): string | undefined =>
  status.addresses?.find(({ type }) => type === 'InternalIP')?.address;

/** Only the last node of a pool can go: those after it would move up, and be other machines. */
const checkPlace = ({ nodes, nodePools }: ClusterPlan, name: string, present: ReadonlySet<string>): void => {
  const node = nodes.find((candidate) => candidate.name === name);
  const pool = nodePools.find((candidate) => candidate.name === node?.pool);
  if (node === undefined || pool === undefined) return;
  const after = nodes.filter(
    (other) => other.pool === pool.name && other.index > node.index && present.has(other.name),
  );
  const last = after.at(-1);
  if (last === undefined) return;
  throw new InputError(
    `${name} is not the last node of pool ${pool.name}, and a pool is its first ${pool.count} indexes; remove ${last.name}, or replace ${name}`,
  );
};

/** Control planes that a running cluster has, whatever the spec says of their number. */
const planesOf = (plan: ClusterPlan, registered: readonly KubernetesNode[]): ControlPlane[] => {
  const found = registered.flatMap((node) => {
    const address = internalIp(node);
    const isPlane = node.metadata.labels?.[CONTROL_PLANE] !== undefined;
    return address === undefined || !isPlane ? [] : [{ name: node.metadata.name, address }];
  });
  return [...found, ...controlPlanes(plan).filter(({ name }) => !found.some((one) => one.name === name))];
};

const lookAt = async ({ plan, kubernetes, talos }: RemovalTools, name: string): Promise<Target> => {
  const planned = plan.nodes.find((node) => node.name === name);
  const { items } = await kubernetes.get<{ readonly items: readonly KubernetesNode[] }>('/api/v1/nodes');
  const registered = items.find(({ metadata }) => metadata.name === name);
  const etcd = await lookAtEtcd(talos, planesOf(plan, items));
  const members = etcd.members.map((member) => member.name);
  if (planned === undefined && registered === undefined && !members.includes(name))
    throw new InputError(
      `there is no node ${name}, neither in the spec, nor in Kubernetes, nor in etcd; the spec has ${plan.nodes.map((node) => node.name).join(', ')}`,
    );
  checkPlace(plan, name, new Set([...items.map(({ metadata }) => metadata.name), ...members]));
  const address = (registered === undefined ? undefined : internalIp(registered)) ?? planned?.address.toString();
  return { name, address, registered, etcd: members.includes(name) ? etcd : undefined };
};

/** What is left to do in the spec. */
const nextStep = ({ nodes, stack }: ClusterPlan, name: string): string => {
  const node = nodes.find((candidate) => candidate.name === name);
  const lower = node === undefined ? '' : `set nodePools.${node.pool}.count to ${node.index}, then `;
  return `${lower}npx cdktf deploy ${stack} deletes the VM`;
};

const leaveEtcd = async ({ talos, say }: RemovalTools, { name, address }: Target, view: EtcdView): Promise<void> => {
  const id = view.members.find((member) => member.name === name)?.id;
  if (id === undefined) return;
  if (address !== undefined && view.healthy.includes(name)) {
    say(`${name} leaves etcd`);
    await talos.etcdLeave(address);
    return;
  }
  say(`${name} does not answer for its etcd member: the others take it out`);
  const helper = view.healthy.find((healthy) => healthy !== name);
  const addressOf = view.addresses[helper ?? ''];
  if (addressOf === undefined) throw new Error('no other member of etcd is healthy');
  await talos.etcdRemoveMember(addressOf, id);
};

const isUp = ({ talos }: RemovalTools, address: string): Promise<boolean> =>
  talos.version(address).then(
    () => true,
    () => false,
  );

/** Wipes the machine and switches it off, so that nothing of it comes back by itself. */
const switchOff = async (tools: RemovalTools, { name, address }: Target, options: RemovalOptions): Promise<void> => {
  const { talos, say } = tools;
  if (address === undefined) return;
  try {
    await talos.reset(address);
  } catch (error) {
    if (!(error instanceof TalosError)) throw error;
    say(`${name} does not take the order to wipe itself (${error.message}); its VM is left as it is`);
    return;
  }
  say(`${name} wipes its state and switches itself off`);
  const { pollMs } = options;
  await eventually(`${name} is off`, { limitMs: OFF_MS, ...(pollMs === undefined ? {} : { pollMs }) }, async () =>
    (await isUp(tools, address)) ? { yet: 'its Talos API still answers' } : { found: true },
  );
  // What was on its way to the API server when the machine went
  await sleep(pollMs ?? 1_000);
};

/** A machine that is in neither list is one that was removed, or one that has a config and may join later: that one is wiped. */
const stopStranger = async (tools: RemovalTools, target: Target, options: RemovalOptions): Promise<void> => {
  const { name, address } = target;
  const { say } = tools;
  if (address === undefined || !(await isUp(tools, address))) {
    say(`${name} is in neither Kubernetes nor etcd, and no machine answers for it: there is nothing to take out`);
    return;
  }
  say(`${name} runs with a config of this cluster, and has not joined: neither Kubernetes nor etcd knows it`);
  if (options.dryRun) say(`would wipe ${name}, and switch it off, so that it does not join later`);
  else await switchOff(tools, target, options);
};

/** What O-7 keeps from a deploy is kept from a removal too: it would wipe the disks. */
const checkProtection = ({ nodes }: ClusterPlan, name: string): void => {
  const node = nodes.find((candidate) => candidate.name === name);
  if (node?.protection !== true) return;
  throw new InputError(
    `${name} can't be removed: it is protected, and a removal wipes its disks; deploy \`protection: false\` for it first, in nodePools.${node.pool}.nodes.${name}`,
  );
};

/**
 * Takes a node out of a running cluster: drained, out of etcd, wiped and off, its Node deleted. What is done already is
 * not done again, so that a removal that was interrupted is run again.
 * @returns what is left to do, by a person
 * @throws InputError where it is the wrong node, or where etcd would lose its quorum
 */
export const removeNode = async (tools: RemovalTools, name: string, options: RemovalOptions): Promise<string> => {
  const { plan, kubernetes, say } = tools;
  checkProtection(plan, name);
  const target = await lookAt(tools, name);
  const { etcd, registered } = target;
  const against = etcd === undefined ? undefined : againstLeave(etcd, name);
  if (against !== undefined) throw new InputError(`${name} can't be removed: ${against}`);
  if (registered === undefined && etcd === undefined) {
    await stopStranger(tools, target, options);
    return nextStep(plan, name);
  }
  if (options.dryRun) {
    if (registered !== undefined) say(`would close ${name} for new pods, and drain it`);
    if (etcd !== undefined) say(`would take ${name} out of etcd, which has ${etcd.members.length} members`);
    say(`would wipe ${name}, switch it off, and delete its Node`);
    return nextStep(plan, name);
  }
  const answers = target.address !== undefined && (await isUp(tools, target.address));
  if (registered !== undefined && !answers) {
    say(`${name} does not answer: its pods are made anew elsewhere when its Node is gone`);
  } else if (registered !== undefined) {
    const { force, drainMs, pollMs } = options;
    const patience = { limitMs: drainMs, ...(pollMs === undefined ? {} : { pollMs }) };
    say(`${name} takes no new pods; draining`);
    const evicted = await empty(kubernetes, name, 'node-remove', { force, ...patience });
    say(`${name} is drained: ${evicted} pods evicted`);
  }
  if (etcd !== undefined) await leaveEtcd(tools, target, etcd);
  if (answers) await switchOff(tools, target, options);
  await kubernetes.delete(nodePath(name));
  say(`${name} is no node of the cluster any more`);
  return nextStep(plan, name);
};
