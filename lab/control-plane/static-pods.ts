import { request } from 'node:https';
import { join } from 'node:path';
import type { Component } from './components';
import { LAB_ENVIRONMENT } from './differences';
import { sleep, until } from './kubernetes-client';
import { KUBELET_RESTARTS, SupervisedProcess, type LastExit } from './supervised-process';

/** A static pod with its process, for the kubelet to mirror. */
export interface StaticPod {
  /** `kube-apiserver`; the pod is `<name>-<node>`. */
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly isRunning: boolean;
  readonly isReady: boolean;
  readonly startedAt: Date | undefined;
  readonly restartCount: number;
  readonly lastExit: LastExit | undefined;
}

export interface StaticPodsInput {
  /** The API server first. */
  readonly components: readonly Component[];
  readonly binaries: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** A file here with a component's name keeps that component from being started. */
  readonly holdPath: string;
  readonly isEtcdHealthy: () => boolean;
  /** Resolves where the node's own API server is ready, else rejects. */
  readonly apiReady: () => Promise<unknown>;
  /** Resolves where an API server is ready where the other components look for it, else rejects. */
  readonly endpointReady: () => Promise<unknown>;
}

const POLL_MS = 150;
const READY_POLL_MS = 1000;
const STOP_GRACE_MS = 5000;
/** `/healthz` and `/livez` of these answer without credentials. */
const HEALTH: Readonly<Record<string, { port: number; path: string }>> = {
  'kube-controller-manager': { port: 10257, path: '/healthz' },
  'kube-scheduler': { port: 10259, path: '/readyz' },
};

/** kube-apiserver, kube-controller-manager and kube-scheduler of one control plane. */
export class StaticPods {
  private readonly stopping = new AbortController();
  private readonly entries: { component: Component; process: SupervisedProcess; isReady: boolean }[];

  constructor(
    private readonly input: StaticPodsInput,
    private readonly onChange: () => void = () => undefined,
  ) {
    this.entries = input.components.map((component) => ({
      component,
      process: this.process(component),
      isReady: false,
    }));
  }

  /** Starts the API server once etcd is healthy, the others once an API server answers them. */
  start(): void {
    void this.startInOrder();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // The API server last, so that the others can give up their leases.
    for (const { process } of [...this.entries].reverse()) await process.stop(STOP_GRACE_MS);
  }

  /** What has been started so far; empty once stopped. */
  list(): StaticPod[] {
    if (this.stopping.signal.aborted) return [];
    return this.entries
      .filter(({ process }) => process.state !== 'stopped')
      .map(({ component, process, isReady }) => ({
        name: component.name,
        image: component.config.image,
        command: [`/usr/local/bin/${component.name}`, ...component.args],
        isRunning: process.state === 'running',
        isReady: process.state === 'running' && isReady,
        startedAt: process.startedAt,
        restartCount: process.restartCount,
        lastExit: process.lastExit,
      }));
  }

  private process({ name, args, config }: Component): SupervisedProcess {
    return new SupervisedProcess(
      {
        name,
        command: this.input.binaries[name] ?? name,
        args,
        env: { ...LAB_ENVIRONMENT, ...config.env },
        logFile: join(this.input.logPath, `${name}.log`),
        restarts: KUBELET_RESTARTS,
        holdFile: join(this.input.holdPath, name),
      },
      this.onChange,
    );
  }

  private async startInOrder(): Promise<void> {
    const { signal } = this.stopping;
    while (!this.input.isEtcdHealthy() && !signal.aborted) await sleep(POLL_MS, signal);
    for (const entry of this.entries) {
      if (entry.component.name !== 'kube-apiserver') await until(this.input.endpointReady, POLL_MS, signal);
      if (signal.aborted) return;
      entry.process.start();
      void this.watch(entry);
    }
  }

  private async watch(entry: (typeof this.entries)[number]): Promise<void> {
    const { signal } = this.stopping;
    const check = HEALTH[entry.component.name];
    while (!signal.aborted) {
      const probe = check === undefined ? this.input.apiReady() : probeLocal(check.port, check.path);
      const isReady = await probe.then(
        () => true,
        () => false,
      );
      if (isReady !== entry.isReady) {
        entry.isReady = isReady;
        this.onChange();
      }
      await sleep(isReady ? READY_POLL_MS : POLL_MS, signal);
    }
  }
}

/** The components sign their own certificates, so the probe verifies none, as the kubelet's does not. */
const probeLocal = (port: number, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false, timeout: 2000 },
      (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else reject(new Error(`status ${response.statusCode ?? 0}`));
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.end();
  });
