import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { LAB_ENVIRONMENT } from '../control-plane/differences';
import { sleep, type KubernetesClient } from '../control-plane/kubernetes-client';
import { KUBELET_RESTARTS, SupervisedProcess } from '../control-plane/supervised-process';
import { containerCapabilities, containerEnvironment, expand, sandboxed, type Mount } from './container-process';
import type { Container, Pod, PodSurroundings } from './pod';
import { fillProjectedVolume } from './projected-volume';
import { StatusWriter } from './status-writer';

export interface ProcessPodInput {
  readonly client: KubernetesClient;
  readonly pod: Pod;
  /** Binary that stands for the image's entrypoint. */
  readonly entrypoint: string;
  readonly where: PodSurroundings;
  /** Address and port of the `kubernetes` service, which the kubelet tells every pod. */
  readonly service: { readonly address: string; readonly port: number };
  /** Folder for the pod's volumes. */
  readonly path: string;
  readonly logPath: string;
  readonly holdFile: string;
}

const RETRY_MS = 500;

/** A pod whose container is a process in the VM: started with the pod's own command, environment and token. */
export class ProcessPod {
  private readonly stopping = new AbortController();
  private readonly container: Container;
  private process: SupervisedProcess | undefined;

  /** @throws Error for a pod without containers */
  constructor(private readonly input: ProcessPodInput) {
    const [container] = input.pod.spec.containers;
    if (container === undefined) throw new Error(`pod ${input.pod.metadata.name} has no container`);
    this.container = container;
  }

  /** Fills the volumes, starts the process, and reports until `stop`. `onError` hears why it can't start yet. */
  async run(onError: (message: string) => void): Promise<void> {
    const { signal } = this.stopping;
    let refreshAt: Date | undefined;
    while (!this.isStopping()) {
      try {
        refreshAt = await this.fillVolumes();
        break;
      } catch (error) {
        onError(error instanceof Error ? error.message : String(error));
        await sleep(RETRY_MS, signal);
      }
    }
    if (this.isStopping()) return;
    const process = new SupervisedProcess(this.processSpec());
    this.process = process;
    process.start();
    const { metadata } = this.input.pod;
    const path = `/api/v1/namespaces/${metadata.namespace ?? 'default'}/pods/${metadata.name}`;
    const writer = new StatusWriter(this.input.client, path, this.input.where.nodeAddress);
    while (!this.isStopping()) {
      await this.report(writer, process);
      if (refreshAt !== undefined && refreshAt.getTime() < Date.now()) {
        refreshAt = await this.fillVolumes().catch(() => new Date(Date.now() + RETRY_MS));
      }
      await sleep(RETRY_MS, signal);
    }
  }

  /** SIGTERM, then SIGKILL after the grace period; the volumes are deleted. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    await this.process?.stop(graceMs);
    rmSync(this.input.path, { recursive: true, force: true });
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async report(writer: StatusWriter, process: SupervisedProcess): Promise<void> {
    const isRunning = process.state === 'running';
    const { name, image } = this.container;
    const { startedAt, restartCount, lastExit } = process;
    // Without probes a container is ready as soon as it runs.
    await writer
      .write({ name, image, isRunning, isReady: isRunning, startedAt, restartCount, lastExit })
      .catch(() => undefined);
  }

  private async fillVolumes(): Promise<Date | undefined> {
    const { client, pod, where } = this.input;
    const dates = await Promise.all(
      this.mounts().map(({ volume, source }) => fillProjectedVolume(client, pod, volume, source, where)),
    );
    const times = dates.flatMap((date) => (date === undefined ? [] : [date.getTime()]));
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  private mounts(): (Mount & { readonly volume: NonNullable<Pod['spec']['volumes']>[number] })[] {
    return (this.container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
      const volume = this.input.pod.spec.volumes?.find((candidate) => candidate.name === name);
      return volume === undefined ? [] : [{ volume, source: join(this.input.path, name), target: mountPath }];
    });
  }

  private processSpec(): ConstructorParameters<typeof SupervisedProcess>[0] {
    const { pod, where, service, entrypoint, logPath, holdFile } = this.input;
    const environment = containerEnvironment(pod, this.container, where, service);
    // `command` would replace the entrypoint; the image holds one program, so only its arguments count.
    const args = [...(this.container.command ?? []).slice(1), ...(this.container.args ?? [])].map((arg) =>
      expand(arg, environment),
    );
    const [command = '', ...rest] = sandboxed(
      [entrypoint, ...args],
      this.mounts(),
      containerCapabilities(this.container),
    );
    return {
      name: pod.metadata.name,
      command,
      args: rest,
      env: { ...LAB_ENVIRONMENT, ...environment },
      logFile: join(logPath, `${this.container.name}.log`),
      restarts: KUBELET_RESTARTS,
      holdFile,
    };
  }
}
