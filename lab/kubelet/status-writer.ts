import { KubernetesError, STRATEGIC_MERGE, type KubernetesClient } from '../control-plane/kubernetes-client';
import { runningPodStatus, type ContainerReport } from './pod-status';

/**
 * Milliseconds after which a status is sent again, as the kubelet's status manager reconciles (pkg/kubelet/status,
 * syncPeriod): the node controller says of the pods of a silent node that they are not ready, and takes nothing back.
 */
const AGAIN_MS = 10_000;

/** Sends a pod's status when it differs from what was sent last, and now and then. */
export class StatusWriter {
  private sent: string | undefined;
  private sentAt = 0;
  private since = new Date();
  private wasReady: boolean | undefined;
  private readonly startTime = new Date();

  constructor(
    private readonly client: KubernetesClient,
    /** `/api/v1/namespaces/<namespace>/pods/<name>` */
    private readonly path: string,
    private readonly nodeAddress: string,
  ) {}

  /** @throws Error where the API server can't be reached or refuses; call it again later */
  async write(report: ContainerReport): Promise<void> {
    if (report.isReady !== this.wasReady) {
      this.wasReady = report.isReady;
      this.since = new Date();
    }
    const status = runningPodStatus(report, this.nodeAddress, this.startTime, this.since);
    const text = JSON.stringify(status);
    if (text === this.sent && Date.now() - this.sentAt < AGAIN_MS) return;
    try {
      await this.client.call('PATCH', `${this.path}/status`, { body: { status }, contentType: STRATEGIC_MERGE });
      this.sent = text;
      this.sentAt = Date.now();
    } catch (error) {
      // The pod is gone: nobody is interested any more.
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
      this.sent = text;
      this.sentAt = Date.now();
    }
  }
}
