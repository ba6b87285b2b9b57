import { X509Certificate } from 'node:crypto';
import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import type { GuestEntry } from '../preflight/look';
import type { EtcdAlarm, EtcdMember, TalosService, TalosStatus } from '../talos/talos-client';
import { look, type Access, type Look, type Readers } from './readers';

/** What a node says of itself. */
export interface NodeLook {
  readonly version: string;
  readonly status: TalosStatus;
  readonly services: readonly TalosService[];
}

export interface EtcdLook {
  readonly members: readonly EtcdMember[];
  readonly alarms: readonly EtcdAlarm[];
}

export interface ReadyLook {
  readonly status: number;
  /** One line for each thing that is looked at, `[+]` or `[-]` before its name. */
  readonly body: string;
}

export interface KubernetesNode {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** Checks whose failure explains others, each with those before it. */
export type Cause = 'machines' | 'talos-api' | 'etcd' | 'kubernetes-api' | 'nodes';
const CAUSES: readonly Cause[] = ['machines', 'talos-api', 'etcd', 'kubernetes-api', 'nodes'];

/** API servers that are asked for an object before it counts as not to be had. */
const ATTEMPTS = 2;

const isExpired = (why: string): boolean => /certificate has expired|CERT_HAS_EXPIRED/.test(why);

/**
 * Everything that the checks look at, each asked once however many checks want it. A thing that can't be seen has a cause
 * where another check knows it: one fault is to be one FAIL.
 */
export class Looks {
  private readonly asked = new Map<string, Promise<unknown>>();

  constructor(
    readonly plan: ClusterPlan,
    readonly readers: Readers,
  ) {}

  get controlPlanes(): readonly NodePlan[] {
    return this.plan.nodes.filter(({ role }) => role === 'controlplane');
  }

  private once<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.asked.get(key) as Promise<Answer> | undefined;
    if (known !== undefined) return known;
    const asked = ask();
    this.asked.set(key, asked);
    return asked;
  }

  guests(): Promise<Look<readonly GuestEntry[]>> {
    return this.once('guests', async () => {
      const { proxmox } = this.readers;
      if ('why' in proxmox) return proxmox;
      return look(() => proxmox.data.get<readonly GuestEntry[]>('/cluster/resources', { type: 'vm' }));
    });
  }

  node({ name, address }: NodePlan): Promise<Look<NodeLook>> {
    return this.once(`node ${name}`, async () => {
      const access = this.usable(this.readers.talos);
      if ('why' in access) return access;
      const { client } = access.data;
      const at = address.toString();
      return look(async () => {
        const [version, status, services] = await Promise.all([
          client.version(at),
          client.status(at),
          client.services(at),
        ]);
        return { version, status, services };
      });
    });
  }

  etcd({ name, address }: NodePlan): Promise<Look<EtcdLook>> {
    return this.once(`etcd ${name}`, async () => {
      const access = this.usable(this.readers.talos);
      if ('why' in access) return access;
      const { client } = access.data;
      const at = address.toString();
      return look(async () => {
        const [members, alarms] = await Promise.all([client.etcdMembers(at), client.etcdAlarms(at)]);
        return { members, alarms };
      });
    });
  }

  /** What an API server says at an address. */
  ready(host: string): Promise<Look<ReadyLook>> {
    return this.once(`ready ${host}`, async () => {
      const access = this.usable(this.readers.kubernetes);
      if ('why' in access) return access;
      return look(() => access.data.client.call('GET', '/readyz?verbose', { host }));
    });
  }

  /**
   * Asked of the control planes that are ready, one after the other, and of the VIP last: an object is there whoever holds
   * the VIP, and while it moves, too.
   */
  object<Answered>(path: string): Promise<Look<Answered>> {
    return this.once(`object ${path}`, async () => {
      const access = this.usable(this.readers.kubernetes);
      if ('why' in access) return { why: isByCertificate(access.why) ? access.why : `${access.why} (kubernetes-api)` };
      const hosts = [...this.controlPlanes.map(({ address }) => address), this.plan.endpoint.vip].map(String);
      const answers = await Promise.all(hosts.map((host) => this.ready(host)));
      const able = hosts.filter((_, index) => {
        const answer = answers[index];
        return answer !== undefined && 'data' in answer && answer.data.status === 200;
      });
      let found: Look<Answered> = { why: 'no API server is ready (kubernetes-api)' };
      for (const host of able.slice(0, ATTEMPTS)) {
        found = await look(() => access.data.client.get<Answered>(path, { host }));
        // What an API server has said is an answer; a silence is none.
        if ('data' in found || /: HTTP \d/.test(found.why)) return found;
      }
      return found;
    });
  }

  list<Item>(path: string): Promise<Look<readonly Item[]>> {
    return this.once(`list ${path}`, async () => {
      const found = await this.object<{ readonly items: readonly Item[] }>(path);
      return 'why' in found ? found : { data: found.data.items };
    });
  }

  nodeObjects(): Promise<Look<readonly KubernetesNode[]>> {
    return this.list<KubernetesNode>('/api/v1/nodes');
  }

  /** Why nothing can be expected of a node, as far as the checks up to `upTo` know; undefined where all is well. */
  async cause(node: NodePlan, upTo: Cause): Promise<string | undefined> {
    for (const cause of CAUSES.slice(0, CAUSES.indexOf(upTo) + 1)) {
      const why = await this.once(`cause ${cause} ${node.name}`, () => this.fault(node, cause));
      if (why !== undefined) return `${node.name} ${why} (${cause})`;
    }
    return undefined;
  }

  private async fault(node: NodePlan, cause: Cause): Promise<string | undefined> {
    const isControlPlane = node.role === 'controlplane';
    switch (cause) {
      case 'machines': {
        const guests = await this.guests();
        const guest = 'data' in guests ? guests.data.find(({ vmid }) => vmid === node.vmId) : undefined;
        return guest === undefined || guest.status === 'running' ? undefined : 'is off';
      }
      case 'talos-api': {
        if ('why' in this.usable(this.readers.talos)) return undefined;
        const found = await this.node(node);
        if ('why' in found) return 'does not answer';
        return found.data.status.stage === 'RUNNING' ? undefined : `is in stage ${found.data.status.stage}`;
      }
      case 'etcd': {
        const found = isControlPlane ? await this.node(node) : undefined;
        if (found === undefined || 'why' in found) return undefined;
        return isHealthyEtcd(found.data) ? undefined : 'has no healthy etcd';
      }
      case 'kubernetes-api': {
        if (!isControlPlane || 'why' in this.usable(this.readers.kubernetes)) return undefined;
        const found = await this.ready(node.address.toString());
        return 'data' in found && found.data.status === 200 ? undefined : 'has no API server that is ready';
      }
      case 'nodes': {
        const found = await this.nodeObjects();
        const object = 'data' in found ? found.data.find(({ metadata }) => metadata.name === node.name) : undefined;
        if (object === undefined) return undefined;
        return isReady(object) ? undefined : 'is not Ready';
      }
    }
  }

  /** An access whose own certificate has ended is of no use; the check on certificates says so. */
  usable<Client>(access: Look<Access<Client>>): Look<Access<Client>> {
    if ('why' in access) return access;
    const ended = [access.data.certificate, access.data.ca].some((pem) => endOf(pem) < this.readers.now());
    return ended ? { why: 'the certificate of the credentials has expired (certificates)' } : access;
  }
}

export const endOf = (pem: string): Date => new Date(new X509Certificate(pem).validTo);

/** True where a look failed for a certificate, of which the check on certificates speaks. */
export const isByCertificate = (why: string): boolean => isExpired(why) || why.endsWith('(certificates)');

export const isHealthyEtcd = ({ services }: NodeLook): boolean =>
  services.some(({ id, state, health }) => id === 'etcd' && state === 'Running' && health?.healthy === true);

export const conditionOf = (
  object: { readonly status?: { readonly conditions?: KubernetesNode['status']['conditions'] } },
  type: string,
): { readonly status: string; readonly message?: string } | undefined =>
  object.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (node: KubernetesNode): boolean => conditionOf(node, 'Ready')?.status === 'True';
