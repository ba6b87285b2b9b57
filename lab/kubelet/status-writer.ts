import { KubernetesError, STRATEGIC_MERGE, type KubernetesClient } from '../control-plane/kubernetes-client';
import { runningPodStatus, type ContainerReport } from './pod-status';

/** Sends a pod's status when it differs from what was sent last. */
export class StatusWriter {
  private sent: string | undefined;
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
    if (text === this.sent) return;
    try {
      await this.client.call('PATCH', `${this.path}/status`, { body: { status }, contentType: STRATEGIC_MERGE });
      this.sent = text;
    } catch (error) {
      // The pod is gone: nobody is interested any more.
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
      this.sent = text;
    }
  }
}
