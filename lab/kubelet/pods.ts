import { join } from 'node:path';
import { KubernetesError, STRATEGIC_MERGE, sleep, type KubernetesClient } from '../control-plane/kubernetes-client';
import { refusal } from './container-process';
import {
  imageRepository,
  isMarkedNotReady,
  isMirror,
  isNetworkPlugin,
  podKey,
  type Pod,
  type PodSurroundings,
} from './pod';
import { ProcessPod } from './process-pod';

export interface PodsInput {
  readonly client: KubernetesClient;
  readonly where: PodSurroundings;
  readonly service: { readonly address: string; readonly port: number };
  /** Binaries by image repository: pods with these images are run as processes. */
  readonly programs: Readonly<Record<string, string>>;
  /** Folder for volumes. */
  readonly path: string;
  readonly logPath: string;
  readonly holdPath: string;
  readonly log: (line: string) => void;
}

const ADMIT_POLL_MS = 100;
const DEFAULT_GRACE_SECONDS = 30;
const RETRY_MS = 500;

/**
 * Follows the pods of one node. Pods whose image the lab has as a program are run as processes; every other pod
 * is let through to kwok once its network could be set up: at once on the host network, else when the network
 * plugin's own pod runs.
 */
export class Pods {
  private readonly seen = new Map<string, Pod>();
  private readonly running = new Map<string, { uid: string; pod: ProcessPod }>();
  /** Uids of pods that kwok may start. */
  private readonly admitted = new Set<string>();
  /** Uids of pods whose process is being stopped for good. */
  private readonly terminating = new Set<string>();
  /** Versions of pods that are said to be ready again, by uid: the watch tells a little later. */
  private readonly mended = new Map<string, string>();
  private readonly told = new Set<string>();
  private readonly stopping = new AbortController();

  constructor(private readonly input: PodsInput) {}

  /** True while a network plugin's pod runs here. */
  get isNetworkReady(): boolean {
    return [...this.seen.values()].some(isNetworkPlugin);
  }

  /** True where the API server has a pod `<namespace>/<name>` on this node. */
  isThere(key: string): boolean {
    return this.seen.has(key);
  }

  start(): void {
    const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${this.input.where.nodeName}`)}`;
    const handlers = { onObject: (pod: Pod) => this.onPod(pod), onGone: (pod: Pod) => this.onGone(pod) };
    void this.input.client.follow<Pod>('/api/v1/pods', query, handlers, this.stopping.signal);
    void this.admit();
  }

  /** Ends every process. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.running.values()].map(({ pod }) => pod.stop(graceMs)));
  }

  private onPod(pod: Pod): void {
    const key = podKey(pod);
    this.seen.set(key, pod);
    if (isMirror(pod)) return;
    const program = this.input.programs[imageRepository(pod.spec.containers[0]?.image ?? '')];
    if (program === undefined) return;
    const current = this.running.get(key);
    if (current !== undefined && current.uid !== pod.metadata.uid) void this.end(key, 0);
    if (pod.metadata.deletionTimestamp !== undefined) void this.terminate(pod);
    else if (!this.running.has(key)) this.run(pod, program);
  }

  private onGone(pod: Pod): void {
    const key = podKey(pod);
    this.seen.delete(key);
    this.admitted.delete(pod.metadata.uid ?? '');
    this.mended.delete(pod.metadata.uid ?? '');
    this.terminating.delete(pod.metadata.uid ?? '');
    if (this.running.get(key)?.uid === pod.metadata.uid) void this.end(key, 0);
  }

  private run(pod: Pod, entrypoint: string): void {
    const key = podKey(pod);
    const reason = refusal(pod);
    if (reason !== undefined) {
      void this.tell(pod, 'Warning', 'FailedCreatePodSandBox', reason);
      return;
    }
    const { client, where, service, path, logPath, holdPath } = this.input;
    const processPod = new ProcessPod({
      ...{ client, pod, entrypoint, where, service, logPath },
      path: join(path, pod.metadata.uid ?? pod.metadata.name),
      holdFile: join(holdPath, pod.spec.containers[0]?.name ?? ''),
    });
    this.running.set(key, { uid: pod.metadata.uid ?? '', pod: processPod });
    void this.tell(pod, 'Normal', 'Started', `Started container ${pod.spec.containers[0]?.name ?? ''}`);
    void processPod.run((message) => void this.tell(pod, 'Warning', 'FailedMount', message));
  }

  /** Stops the process within the pod's grace period, then lets the API forget the pod. */
  private async terminate(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    if (this.terminating.has(uid)) return;
    this.terminating.add(uid);
    const grace = pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    await this.end(podKey(pod), grace * 1000);
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    // Until the API server has heard it: the one behind KubePrism may just be going, and nobody says it again.
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.input.client.call('DELETE', podPath(pod), { body });
        return;
      } catch (error) {
        if (error instanceof KubernetesError && error.status < 500 && error.status !== 429) return;
        await sleep(RETRY_MS, signal);
      }
    }
  }

  private async end(key: string, graceMs: number): Promise<void> {
    const current = this.running.get(key);
    if (current === undefined) return;
    this.running.delete(key);
    await current.pod.stop(graceMs);
  }

  private async admit(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const waiting = [...this.seen.values()].filter(
        (pod) => this.isForKwok(pod) && !isAdmitted(pod) && !this.admitted.has(pod.metadata.uid ?? ''),
      );
      for (const pod of waiting) {
        if (pod.spec.hostNetwork === true || this.isNetworkReady) await this.letThrough(pod);
        else void this.tell(pod, 'Warning', 'NetworkNotReady', NETWORK_NOT_READY);
      }
      for (const pod of this.seen.values()) if (this.isForKwok(pod) && isMarkedNotReady(pod)) await this.mend(pod);
      await sleep(ADMIT_POLL_MS, signal);
    }
  }

  /** What the node controller said while the node was silent is over: kwok says of a pod only once that it is ready. */
  private async mend(pod: Pod): Promise<void> {
    const { uid = '', resourceVersion = '' } = pod.metadata;
    if (this.mended.get(uid) === resourceVersion) return;
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const body = { status: { conditions: [{ type: 'Ready', status: 'True', reason: '', lastTransitionTime }] } };
    try {
      await this.input.client.call('PATCH', `${podPath(pod)}/status`, { body, contentType: STRATEGIC_MERGE });
      this.mended.set(uid, resourceVersion);
    } catch (error) {
      this.input.log(`cannot say that pod ${podKey(pod)} is ready again: ${String(error)}`);
    }
  }

  private isForKwok(pod: Pod): boolean {
    const isProcess = this.input.programs[imageRepository(pod.spec.containers[0]?.image ?? '')] !== undefined;
    return pod.metadata.deletionTimestamp === undefined && !isMirror(pod) && !isProcess;
  }

  private async letThrough(pod: Pod): Promise<void> {
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const body = {
      status: { conditions: [{ type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime }] },
    };
    try {
      await this.input.client.call('PATCH', `${podPath(pod)}/status`, { body, contentType: STRATEGIC_MERGE });
      this.admitted.add(pod.metadata.uid ?? '');
    } catch (error) {
      this.input.log(`cannot admit pod ${podKey(pod)}: ${String(error)}`);
    }
  }

  /** One event per pod and text. */
  private async tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const once = `${pod.metadata.uid ?? ''} ${message}`;
    if (this.told.has(once)) return;
    this.told.add(once);
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const namespace = pod.metadata.namespace ?? 'default';
    const { name, uid } = pod.metadata;
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
      source: { component: 'kubelet', host: this.input.where.nodeName },
      ...{ type, reason, message, count: 1, firstTimestamp: now, lastTimestamp: now },
    };
    await this.input.client.call('POST', `/api/v1/namespaces/${namespace}/events`, { body }).catch(() => undefined);
  }
}

const NETWORK_NOT_READY =
  'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady ' +
  'message:Network plugin returns error: cni plugin not initialized';

const podPath = (pod: Pod): string =>
  `/api/v1/namespaces/${pod.metadata.namespace ?? 'default'}/pods/${pod.metadata.name}`;

const isAdmitted = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(
    (condition) => condition.type === 'PodReadyToStartContainers' && condition.status === 'True',
  );
