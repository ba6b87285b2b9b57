import { installerReference } from '../../images/node-image';
import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import { isClosedBy, type KubernetesNode } from '../kubernetes/drain';
import type { ProxmoxClient } from '../proxmox/proxmox-client';
import { hasTag } from '../proxmox/tags';
import type { ResourceChange, TerraformPlan } from '../review/terraform-plan';
import { compareVersions } from '../review/versions';
import type { TalosClient } from '../talos/talos-client';

/** A Talos that is older than the spec's. */
export interface Upgrade {
  /** As `v1.13.8`. */
  readonly from: string;
  readonly to: string;
  /** Installer that the node pulls. */
  readonly image: string;
}

/** Why a node is to be restarted, and what is needed for it. */
export interface Restart {
  readonly node: NodePlan;
  /** Proxmox host that the VM is on now, which after a move is not the planned one. */
  readonly host: string;
  /** Options of the VM that wait for a power-on, as `memory 4096 → 8192`. */
  readonly hardware: readonly string[];
  /** Machine config that the node takes only by a restart. It holds the cluster's keys. */
  readonly config: string | undefined;
  readonly upgrade: Upgrade | undefined;
  /** True where a roll before this one has closed the node and did not come to its end. */
  readonly leftClosed: boolean;
}

/** Name under which a roll closes nodes. */
export const ROLL = 'roll';

interface PendingOption {
  readonly key: string;
  readonly value?: string | number;
  readonly pending?: string | number;
  readonly delete?: number;
}

/** A VM as GET /cluster/resources lists it. */
interface Machine {
  readonly vmid: number;
  readonly node: string;
  readonly tags?: string;
}

/** True where something waits for the next power-on; a bare number of a boolean may be of either type. */
const waits = ({ value, pending, delete: gone }: PendingOption): boolean =>
  gone !== undefined || (pending !== undefined && String(pending) !== String(value));

const words = ({ key, value, pending, delete: gone }: PendingOption): string =>
  `${key} ${value ?? 'unset'} → ${gone === undefined ? (pending ?? 'unset') : 'unset'}`;

/** What waits in Proxmox for each VM of the cluster, and where the VM is. */
const hardwareOf = async (
  { nodes, proxmox: { tag } }: ClusterPlan,
  proxmox: Pick<ProxmoxClient, 'get'>,
): Promise<ReadonlyMap<string, Pick<Restart, 'host' | 'hardware'>>> => {
  const machines = await proxmox.get<readonly Machine[]>('/cluster/resources', { type: 'vm' });
  const entries = await Promise.all(
    nodes.map(async ({ name, vmId }) => {
      const machine = machines.find(({ vmid }) => vmid === vmId);
      // A VM with another cluster's tag, or with none, is not ours to restart; one that is not there is a deploy's to make.
      if (machine === undefined || !hasTag(machine, tag)) return [];
      const host = machine.node;
      const options = await proxmox.get<readonly PendingOption[]>(`/nodes/${host}/qemu/${vmId}/pending`);
      return [[name, { host, hardware: options.filter(waits).map(words) }] as const];
    }),
  );
  return new Map(entries.flat());
};

const textAt = (values: ResourceChange['change']['after'], key: string): string | undefined => {
  const value = values?.[key];
  return typeof value === 'string' ? value : undefined;
};

/** The config that a Terraform plan has for each node which runs with another one now, by the node's address. */
export const plannedConfigs = ({ resource_changes: changes }: TerraformPlan): ReadonlyMap<string, string> =>
  new Map(
    changes.flatMap(({ type, change: { actions, after } }) => {
      if (type !== 'talos_machine_configuration_apply' || actions.join() !== 'update') return [];
      const [node, config] = [textAt(after, 'node'), textAt(after, 'machine_configuration_input')];
      return node === undefined || config === undefined ? [] : [[node, config] as const];
    }),
  );

/** The config, where the node itself says that it takes it only by a restart. */
const configOf = async (
  { address }: NodePlan,
  configs: ReadonlyMap<string, string>,
  talos: Pick<TalosClient, 'applyConfiguration'>,
): Promise<string | undefined> => {
  const config = configs.get(address.toString());
  if (config === undefined) return undefined;
  const mode = await talos.applyConfiguration(address.toString(), config, 'AUTO', true);
  return mode === 'REBOOT' ? config : undefined;
};

/** A newer one is left alone: Talos has no way back but the last upgrade's rollback. */
const upgradeOf = async (
  plan: ClusterPlan,
  { address }: NodePlan,
  talos: Pick<TalosClient, 'version'>,
): Promise<Upgrade | undefined> => {
  const [from, to] = [await talos.version(address.toString()), `v${plan.versions.talos}`];
  return compareVersions(to, from) === 1 ? { from, to, image: installerReference(plan) } : undefined;
};

export interface Looked {
  readonly plan: ClusterPlan;
  readonly proxmox: Pick<ProxmoxClient, 'get'>;
  readonly talos: Pick<TalosClient, 'applyConfiguration' | 'version'>;
  /** True: nothing but hardware, and what is named. */
  readonly hardwareOnly: boolean;
  /** Of `plannedConfigs`. */
  readonly configs: ReadonlyMap<string, string>;
  readonly registered: readonly KubernetesNode[];
  /** Names of nodes to restart with no reason. */
  readonly wanted: readonly string[];
}

/** Every node that needs a restart, in the order of the plan. */
export const findRestarts = async (looked: Looked): Promise<readonly Restart[]> => {
  const { plan, proxmox, talos, hardwareOnly, configs, registered, wanted } = looked;
  const machines = await hardwareOf(plan, proxmox);
  const found = await Promise.all(
    plan.nodes.map(async (node): Promise<readonly Restart[]> => {
      const machine = machines.get(node.name);
      const known = registered.find(({ metadata }) => metadata.name === node.name);
      if (machine === undefined || known === undefined) return [];
      const leftClosed = isClosedBy(known, ROLL);
      const config = await configOf(node, configs, talos);
      const upgrade = hardwareOnly ? undefined : await upgradeOf(plan, node, talos);
      const changes = machine.hardware.length > 0 || config !== undefined || upgrade !== undefined;
      const needed = changes || leftClosed || wanted.includes(node.name);
      return needed ? [{ node, ...machine, config, upgrade, leftClosed }] : [];
    }),
  );
  return found.flat();
};
