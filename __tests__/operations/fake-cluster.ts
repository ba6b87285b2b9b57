import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { formatIssues } from '../../modules/model/issue';
import { loadCluster } from '../../modules/model/load-cluster';
import type { KubernetesNode } from '../../operations/kubernetes/drain';
import { TalosError, type ApplyMode } from '../../operations/talos/talos-client';
import { validSpec } from '../fixtures/valid-spec';

/** Three control planes and two workers by default, on one host. */
export const planWith = (controlPlanes = 3, workers = 2): ClusterPlan => {
  const { plan, issues } = loadCluster(
    validSpec({
      nodePools: {
        controlplane: { role: 'controlplane', count: controlPlanes, firstAddress: '10.0.1.1' },
        worker: { role: 'worker', count: workers, firstAddress: '10.0.2.1' },
      },
    }),
  );
  if (plan === undefined) throw new Error(formatIssues(issues));
  return plan;
};

interface FakeMachine {
  boots: number;
  up: boolean;
  healthy: boolean;
  /** Version of Talos. */
  talos: string;
}

/**
 * A cluster in memory that does what it is told, and notes it: `log` has a line for each thing that was done. Pods and
 * hardware are lists to fill.
 */
export class FakeCluster {
  readonly log: string[] = [];
  readonly said: string[] = [];
  readonly machines = new Map<string, FakeMachine>();
  readonly nodes = new Map<string, KubernetesNode>();
  readonly etcd = new Set<string>();
  /** Names of nodes that etcd has a member for which never started: a learner without a name. */
  readonly unstarted = new Set<string>();
  /** Name of the member that leads; empty: nobody is asked to give anything up. */
  leader = '';
  leadershipFault: TalosError | undefined;
  /** What waits in Proxmox, by VM id. */
  readonly pending = new Map<number, unknown[]>();
  /** Mode that a dry run answers, by address. */
  readonly modes = new Map<string, ApplyMode>();

  constructor(readonly plan: ClusterPlan) {
    for (const { name, address, role } of plan.nodes) {
      this.machines.set(address.toString(), { boots: 1, up: true, healthy: true, talos: 'v1.13.9' });
      if (role === 'controlplane') this.etcd.add(name);
      this.nodes.set(name, this.node(name, address.toString(), 1));
    }
  }

  readonly say = (line: string): void => void this.said.push(line);

  readonly talos = {
    version: (address: string) => this.ask(address, ({ talos }) => talos),
    services: (address: string) =>
      this.ask(address, ({ healthy }) => [
        { id: 'etcd', state: 'Running', health: { unknown: false, healthy, last_message: 'no quorum' } },
      ]),
    etcdMembers: (address: string) =>
      this.ask(address, () => [
        ...[...this.etcd].map((hostname) => ({
          ...{ id: `id of ${hostname}`, hostname, peer_urls: [], client_urls: [], is_learner: false },
        })),
        ...[...this.unstarted].map((name) => ({
          ...{ id: `id of ${name}`, hostname: '', client_urls: [], is_learner: true },
          peer_urls: [`https://${this.addressOf(name)}:2380`],
        })),
      ]),
    etcdForfeitLeadership: (address: string) =>
      this.ask(address, () => {
        const name = this.nameOf(address);
        if (this.leader !== name) return '';
        if (this.leadershipFault !== undefined) throw this.leadershipFault;
        this.leader = [...this.etcd].find((other) => other !== name) ?? '';
        this.log.push(`leadership from ${name} to ${this.leader}`);
        return this.leader;
      }),
    etcdLeave: (address: string) =>
      this.done(`etcd leave ${this.nameOf(address)}`, () => this.etcd.delete(this.nameOf(address))),
    etcdRemoveMember: (address: string, id: string) =>
      this.done(`etcd remove-member ${id} by ${this.nameOf(address)}`, () => {
        this.etcd.delete(id.replace('id of ', ''));
        this.unstarted.delete(id.replace('id of ', ''));
      }),
    reset: (address: string) => this.done(`reset ${this.nameOf(address)}`, () => (this.at(address).up = false)),
    bootId: (address: string) => this.ask(address, ({ boots }) => String(boots)),
    status: (address: string) =>
      this.ask(address, () => ({ stage: 'RUNNING', status: { ready: true, unmet_conditions: [] } })),
    upgrade: (address: string, image: string) =>
      this.done(`upgrade ${this.nameOf(address)} by ${image}`, () => {
        this.at(address).talos = image.split(':').at(-1) ?? '';
        this.boot(address);
      }),
    reboot: (address: string) => this.done(`reboot ${this.nameOf(address)}`, () => this.boot(address)),
    applyConfiguration: (address: string, config: string, mode: 'AUTO' | 'STAGED', dryRun = false) => {
      if (!dryRun) this.log.push(`apply ${config} to ${this.nameOf(address)}: ${mode}`);
      return Promise.resolve<ApplyMode>(dryRun ? (this.modes.get(address) ?? 'NO_REBOOT') : mode);
    },
  };

  readonly kubernetes = {
    find: <T>(path: string) => Promise.resolve(this.nodes.get(path.split('/').at(-1) ?? '') as T | undefined),
    get: <T>(path: string) =>
      Promise.resolve({ items: path.startsWith('/api/v1/pods') ? [] : [...this.nodes.values()] } as T),
    patch: (path: string, change: object) => {
      const name = path.split('/').at(-1) ?? '';
      const { spec, metadata } = change as {
        spec: { unschedulable: true | null };
        metadata: { annotations: Record<string, string | null> };
      };
      const node = this.nodes.get(name);
      return this.done(`${spec.unschedulable === true ? 'cordon' : 'uncordon'} ${name}`, () => {
        if (node === undefined) throw new Error(`no node ${name}`);
        const annotations = Object.fromEntries(
          Object.entries(metadata.annotations).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
        );
        const unschedulable = spec.unschedulable === true ? { unschedulable: true } : {};
        this.nodes.set(name, { ...node, metadata: { ...node.metadata, annotations }, spec: unschedulable });
      });
    },
    evict: () => Promise.resolve(true),
    delete: (path: string) =>
      this.done(`delete ${path.split('/').at(-1) ?? ''}`, () => this.nodes.delete(path.split('/').at(-1) ?? '')),
  };

  readonly proxmox = {
    get: <T>(path: string) => {
      if (path === '/cluster/resources')
        return Promise.resolve(
          this.plan.nodes.map(({ vmId, host }) => ({
            vmid: vmId,
            node: host,
            tags: `talos;${this.plan.proxmox.tag}`,
          })) as T,
        );
      const vmid = Number(/\/qemu\/(\d+)\/pending$/.exec(path)?.[1]);
      return Promise.resolve((this.pending.get(vmid) ?? []) as T);
    },
    post: <T>(path: string) => {
      const vmid = Number(/\/qemu\/(\d+)\/status\/reboot$/.exec(path)?.[1]);
      const node = this.plan.nodes.find(({ vmId }) => vmId === vmid);
      return this.done(`power cycle ${node?.name ?? path}`, () => {
        this.pending.delete(vmid);
        this.boot(node?.address.toString() ?? '');
      }).then(() => 'UPID' as T);
    },
    finished: () => Promise.resolve(),
  };

  /** Switches a machine off, as when its host fails. */
  lose(name: string): void {
    this.at(this.addressOf(name)).up = false;
  }

  private node(name: string, address: string, boots: number): KubernetesNode {
    return {
      metadata: {
        name,
        labels: this.etcd.has(name) ? { 'node-role.kubernetes.io/control-plane': '' } : {},
      },
      spec: {},
      status: {
        addresses: [{ type: 'InternalIP', address }],
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: String(boots) }],
      },
    };
  }

  private boot(address: string): void {
    const machine = this.at(address);
    machine.boots += 1;
    const name = this.nameOf(address);
    const node = this.nodes.get(name);
    if (node !== undefined) this.nodes.set(name, { ...node, status: this.node(name, address, machine.boots).status });
  }

  private at(address: string): FakeMachine {
    const machine = this.machines.get(address);
    if (machine?.up !== true) throw new TalosError(`nobody answers at ${address}`, 'UNAVAILABLE');
    return machine;
  }

  /** An answer of a machine that is up. */
  private async ask<T>(address: string, answer: (machine: FakeMachine) => T): Promise<T> {
    await Promise.resolve();
    return answer(this.at(address));
  }

  private addressOf(name: string): string {
    return this.plan.nodes.find((node) => node.name === name)?.address.toString() ?? '';
  }

  private nameOf(address: string): string {
    return this.plan.nodes.find((node) => node.address.toString() === address)?.name ?? address;
  }

  private async done(what: string, effect: () => unknown): Promise<void> {
    await Promise.resolve();
    effect();
    this.log.push(what);
  }
}
