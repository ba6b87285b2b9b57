import { createReadStream } from 'node:fs';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { eventually, Impatience, type Seen } from '../deployment/eventually';
import { InputError } from '../deployment/find-cluster';
import { controlPlanes } from '../deployment/running-cluster';
import type { KubernetesClient } from '../kubernetes/kubernetes-client';
import { lookAtEtcd, type ControlPlane } from '../talos/etcd-quorum';
import type { TalosClient } from '../talos/talos-client';
import { checkSnapshot } from './snapshot-file';

export interface RestoreTools {
  readonly plan: ClusterPlan;
  readonly talos: Pick<
    TalosClient,
    'services' | 'etcdMembers' | 'bootId' | 'wipeData' | 'etcdRecover' | 'bootstrapFromSnapshot'
  >;
  readonly kubernetes: Pick<KubernetesClient, 'text'>;
  /** Folder of the stack's Terraform JSON, for the command that makes control planes anew. */
  readonly stackFolder: string;
  /** Told each step. */
  readonly say: (line: string) => void;
}

export interface RestoreOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Wipes the data of control planes that have some: what etcd holds now is lost. */
  readonly force: boolean;
  /** Milliseconds that control planes may take to be there, and to be members. */
  readonly limitMs: number;
  /** Milliseconds between two looks. @default 1000 */
  readonly pollMs?: number;
}

/** What etcd does on a control plane: `Preparing` is one that has no data, and waits for a bootstrap or for others. */
interface Standing extends ControlPlane {
  readonly state: string;
  readonly healthy: boolean;
}

const WAITS = 'Preparing';
/** On the way to `Preparing` or to `Running`. Source: Talos, internal/app/machined/pkg/system/events. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['Initialized', 'Starting', 'Waiting', 'none']);

/**
 * Makes the VMs of lost control planes anew, and nothing else: no chart is asked for, whose API is away. The configs are
 * named too: with three times `-replace`, Terraform forgets some of what `replace_triggered_by` asks for
 * (hashicorp/terraform#37831).
 */
const rebuild = ({ stackFolder }: RestoreTools, names: readonly string[]): string =>
  [
    `terraform -chdir=${stackFolder} apply`,
    ...names.map((name) => `-replace=proxmox_virtual_environment_vm.${name}_vm`),
    ...names.map((name) => `-replace=talos_machine_configuration_apply.${name}_applied`),
    ...names.map((name) => `-target=talos_machine_configuration_apply.${name}_applied`),
  ].join(' ');

const lookAt = async (talos: RestoreTools['talos'], plane: ControlPlane): Promise<Standing> => {
  const etcd = (await talos.services(plane.address)).find(({ id }) => id === 'etcd');
  return { ...plane, state: etcd?.state ?? 'none', healthy: etcd?.health?.healthy === true };
};

/** All control planes as they are: one that does not answer may have data, and would be another cluster with them. */
const standings = async (tools: RestoreTools, options: RestoreOptions): Promise<readonly Standing[]> => {
  const planes = controlPlanes(tools.plan);
  let silent: readonly string[] = [];
  try {
    return await eventually('every control plane answers', options, async () => {
      const looks = await Promise.allSettled(planes.map((plane) => lookAt(tools.talos, plane)));
      silent = planes.filter((_, index) => looks[index]?.status === 'rejected').map(({ name }) => name);
      const fault = looks.find((look) => look.status === 'rejected')?.reason as Error | undefined;
      if (fault !== undefined) return { yet: fault.message };
      const found = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
      const early = found.filter(({ state }) => ON_THE_WAY.has(state));
      if (early.length > 0) return { yet: early.map(({ name, state }) => `etcd on ${name} is ${state}`).join('; ') };
      return { found };
    });
  } catch (error) {
    if (!(error instanceof Impatience) || silent.length === 0) throw error;
    throw new InputError(`${error.message}\nmake them anew, then restore: ${rebuild(tools, silent)}`);
  }
};

/** Wipes what is there of etcd, on all at once: none may go on with the others meanwhile. */
const wipe = async (tools: RestoreTools, planes: readonly Standing[], options: RestoreOptions): Promise<void> => {
  const { talos, say } = tools;
  const before = await Promise.all(planes.map(async ({ address }) => talos.bootId(address)));
  say(`${planes.map(({ name }) => name).join(', ')}: data are wiped`);
  await Promise.all(planes.map(({ address }) => talos.wipeData(address)));
  await eventually('control planes are back without data', options, async (): Promise<Seen<true>> => {
    for (const [index, plane] of planes.entries()) {
      if ((await talos.bootId(plane.address)) === before[index]) return { yet: `${plane.name} has not gone down yet` };
      const { state } = await lookAt(talos, plane);
      if (state !== WAITS) return { yet: `etcd on ${plane.name} is ${state}` };
    }
    return { found: true };
  });
};

const allJoined = async ({ plan, talos }: RestoreTools): Promise<Seen<true>> => {
  const { healthy, faults } = await lookAtEtcd(talos, controlPlanes(plan));
  const missing = controlPlanes(plan).filter(({ name }) => !healthy.includes(name));
  if (missing.length === 0) return { found: true };
  return { yet: missing.map(({ name }) => `${name}: ${faults[name] ?? 'it is not a voting member yet'}`).join('; ') };
};

const apiAnswers = async ({ kubernetes }: RestoreTools): Promise<Seen<true>> => {
  await kubernetes.text('GET', '/readyz');
  return { found: true };
};

/**
 * Makes etcd anew from a snapshot, when its members are lost: on the first control plane, the others join.
 * @throws InputError before anything is touched, where the snapshot is broken, a control plane does not answer, or etcd
 *   still has data; Impatience where members or the API do not come back
 */
export const restore = async (tools: RestoreTools, file: string, options: RestoreOptions): Promise<void> => {
  const { plan, talos, say } = tools;
  const { revision, bytes } = await checkSnapshot(file);
  say(`${file}: revision ${revision}, ${bytes} bytes, its checksum is right`);
  const planes = await standings(tools, options);
  const withData = planes.filter(({ state }) => state !== WAITS);
  const healthy = withData.filter((plane) => plane.healthy);
  if (withData.length > 0 && !options.force) {
    const fact =
      healthy.length > 0
        ? `etcd of ${plan.name} has its quorum: ${healthy.map(({ name }) => name).join(', ')} healthy`
        : `etcd of ${plan.name} has data on ${withData.map(({ name }) => name).join(', ')}, and no quorum`;
    throw new InputError(
      `${fact}; nothing is restored over that; mend it, or add --force to wipe it: what was written since the snapshot is lost`,
    );
  }
  const [first] = planes;
  if (first === undefined) throw new InputError(`the spec of ${plan.name} has no control plane`);
  if (options.dryRun) {
    if (withData.length > 0) say(`would wipe the data of ${withData.map(({ name }) => name).join(', ')}`);
    say(`would begin etcd anew on ${first.name} with the snapshot; the others join`);
    return;
  }
  if (withData.length > 0) await wipe(tools, withData, options);
  await talos.etcdRecover(first.address, createReadStream(file));
  say(`${first.name} has the snapshot`);
  await talos.bootstrapFromSnapshot(first.address);
  say(`${first.name} begins etcd anew; the others join`);
  await eventually('every control plane is a member of etcd', options, () => allJoined(tools));
  say(`etcd has ${planes.length} member${planes.length === 1 ? '' : 's'}, all healthy`);
  await eventually(`the API at ${plan.endpoint.url} is ready`, options, () => apiAnswers(tools));
  say('the Kubernetes API is ready');
};
