import { request } from 'node:https';
import { join } from 'node:path';
import type { Component } from './component';
import { LAB_ENVIRONMENT } from './differences';
import { sleep, until } from './kubernetes-client';
import { writeSecretFile } from './secret-file';
import { KUBELET_RESTARTS, SupervisedProcess, type LastExit } from './supervised-process';

/** A static pod with its process, for the kubelet to mirror. */
export interface StaticPod {
  /** `kube-apiserver`; the pod is `<name>-<node>`. */
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Changes whenever the pod is another one. */
  readonly revision: string;
  readonly isRunning: boolean;
  readonly isReady: boolean;
  readonly startedAt: Date | undefined;
  readonly restartCount: number;
  readonly lastExit: LastExit | undefined;
}

export interface StaticPodsInput {
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
const READY_POLL_MS = 2000;
const STOP_GRACE_MS = 5000;
/** These answer without credentials. */
const HEALTH: Readonly<Record<string, { port: number; path: string }>> = {
  'kube-controller-manager': { port: 10257, path: '/healthz' },
  'kube-scheduler': { port: 10259, path: '/readyz' },
};

interface Entry {
  readonly component: Component;
  readonly process: SupervisedProcess;
  readonly stopping: AbortController;
  isReady: boolean;
}

/** kube-apiserver, kube-controller-manager and kube-scheduler of one control plane. */
export class StaticPods {
  private readonly entries = new Map<string, Entry>();
  private isStopped = false;

  constructor(private readonly input: StaticPodsInput) {}

  /**
   * Makes the components run: the API server once etcd is healthy, the others once an API server answers them.
   * Called again it stops what is no longer listed and starts anew what has changed.
   */
  async apply(components: readonly Component[]): Promise<void> {
    for (const [name, entry] of this.entries) {
      const same = components.find((component) => component.name === name);
      if (same?.revision === entry.component.revision) continue;
      this.entries.delete(name);
      await end(entry);
    }
    for (const component of components) {
      if (this.isStopped || this.entries.has(component.name)) continue;
      for (const [path, content] of Object.entries(component.files)) writeSecretFile(path, content);
      const entry = { component, process: this.process(component), stopping: new AbortController(), isReady: false };
      this.entries.set(component.name, entry);
      void this.run(entry);
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    // The API server last, so that the others can give up their leases.
    const entries = [...this.entries.values()].reverse();
    this.entries.clear();
    for (const entry of entries) await end(entry);
  }

  /** What has been started so far; empty once stopped. */
  list(): StaticPod[] {
    return [...this.entries.values()]
      .filter(({ process }) => process.state !== 'stopped')
      .map(({ component, process, isReady }) => ({
        name: component.name,
        image: component.config.image,
        command: [`/usr/local/bin/${component.name}`, ...component.args],
        revision: component.revision,
        isRunning: process.state === 'running',
        isReady: process.state === 'running' && isReady,
        startedAt: process.startedAt,
        restartCount: process.restartCount,
        lastExit: process.lastExit,
      }));
  }

  private process({ name, args, config }: Component): SupervisedProcess {
    return new SupervisedProcess({
      name,
      command: this.input.binaries[name] ?? name,
      args,
      env: { ...LAB_ENVIRONMENT, ...config.env },
      logFile: join(this.input.logPath, `${name}.log`),
      restarts: KUBELET_RESTARTS,
      holdFile: join(this.input.holdPath, name),
    });
  }

  private async run(entry: Entry): Promise<void> {
    const { signal } = entry.stopping;
    while (!this.input.isEtcdHealthy() && !signal.aborted) await sleep(POLL_MS, signal);
    if (entry.component.name !== 'kube-apiserver') await until(this.input.endpointReady, POLL_MS, signal);
    if (signal.aborted) return;
    entry.process.start();
    await this.watch(entry);
  }

  private async watch(entry: Entry): Promise<void> {
    const { signal } = entry.stopping;
    const check = HEALTH[entry.component.name];
    while (!signal.aborted) {
      const probe = check === undefined ? this.input.apiReady() : probeLocal(check.port, check.path);
      entry.isReady = await probe.then(
        () => true,
        () => false,
      );
      await sleep(entry.isReady ? READY_POLL_MS : POLL_MS, signal);
    }
  }
}

const end = async ({ process, stopping }: Entry): Promise<void> => {
  stopping.abort();
  await process.stop(STOP_GRACE_MS);
};

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
