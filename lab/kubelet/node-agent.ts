import {
  KubernetesError,
  MERGE,
  STRATEGIC_MERGE,
  sleep,
  type KubernetesClient,
} from '../control-plane/kubernetes-client';
import { newNode, nodeConditions, nodeStatus, type Condition, type NodeFacts } from './node-object';

interface RegisteredNode {
  readonly metadata: { readonly name: string; readonly uid: string };
}

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
const RETRY_MS = 500;
/** The kubelet reports an unchanged status every 5 minutes. */
const REPORT_MS = 300_000;
const POLL_MS = 200;

/** Registers the Node, keeps its lease, and reports its status. */
export class NodeAgent {
  private readonly since = new Map<string, { status: string; at: string }>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly facts: () => NodeFacts,
    private readonly isNetworkReady: () => boolean,
    private readonly log: (line: string) => void,
  ) {}

  /** Creates the Node where it is missing and gives its uid; keeps trying until the API server answers. */
  async register(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      try {
        return (await this.registerOnce()).metadata.uid;
      } catch (error) {
        this.log(`cannot register node: ${String(error)}`);
        await sleep(RETRY_MS, signal);
      }
    }
    return undefined;
  }

  /** Renews the lease every 10 s of its 40 s. */
  async keepLease(uid: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const renewed = await this.renew(uid).then(
        () => true,
        () => false,
      );
      await sleep(renewed ? RENEW_MS : RETRY_MS, signal);
    }
  }

  /** Reports a change within 200 ms. */
  async report(signal: AbortSignal): Promise<void> {
    let sent = '';
    let sentAt = 0;
    while (!signal.aborted) {
      const isReady = this.isNetworkReady();
      const status = JSON.stringify([isReady, nodeStatus(this.facts())]);
      if (status !== sent || Date.now() - sentAt > REPORT_MS) {
        try {
          await this.patchStatus(nodeConditions(isReady));
          sent = status;
          sentAt = Date.now();
        } catch (error) {
          this.log(`cannot report node status: ${String(error)}`);
          await sleep(RETRY_MS, signal);
        }
      }
      await sleep(POLL_MS, signal);
    }
  }

  private async registerOnce(): Promise<RegisteredNode> {
    try {
      return await this.client.call<RegisteredNode>('POST', '/api/v1/nodes', {
        body: newNode(this.facts(), timestamp()),
      });
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.reason !== 'AlreadyExists') throw error;
      return this.client.call<RegisteredNode>('GET', `/api/v1/nodes/${this.facts().name}`);
    }
  }

  private async renew(uid: string): Promise<void> {
    // MicroTime: six digits after the second.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const path = `${LEASES}/${this.facts().name}`;
    try {
      await this.client.call('PATCH', path, { body: { spec: { renewTime } }, contentType: MERGE });
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
      const owner = { apiVersion: 'v1', kind: 'Node', name: this.facts().name, uid };
      await this.client.call('POST', LEASES, {
        body: {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: this.facts().name, ownerReferences: [owner] },
          spec: { holderIdentity: this.facts().name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
        },
      });
    }
  }

  private async patchStatus(conditions: readonly Condition[]): Promise<void> {
    const now = timestamp();
    const stamped = conditions.map((condition) => {
      const known = this.since.get(condition.type);
      const at = known?.status === condition.status ? known.at : now;
      this.since.set(condition.type, { status: condition.status, at });
      return { ...condition, lastHeartbeatTime: now, lastTransitionTime: at };
    });
    const body = { status: { ...nodeStatus(this.facts()), conditions: stamped } };
    await this.client.call('PATCH', `/api/v1/nodes/${this.facts().name}/status`, {
      body,
      contentType: STRATEGIC_MERGE,
    });
  }
}

const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
