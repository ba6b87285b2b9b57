import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { passesSubnets } from './address-filter';
import { bootstrapManifests } from './bootstrap-manifests';
import { controlPlaneComponents } from './components';
import type { Component } from './component';
import {
  adminKubeconfig,
  localEndpoint,
  writeControlPlaneSecrets,
  type ControlPlaneSecrets,
} from './control-plane-secrets';
import { Etcd } from './etcd';
import { controlPlaneEndpoints } from './etcd-endpoints';
import { etcdRecoveryPath } from './etcd-recovery';
import { holdPath } from './hold';
import { KubernetesClient, sleep, until } from './kubernetes-client';
import type { ControlPlaneConfig, NodeConfig } from './machine-config';
import { applyManifests } from './manifest-apply';
import { NodeServiceError, type NodeServicesInput } from './node-services';
import { ServiceState } from './service-state';
import { SharedAddress } from './shared-address';
import { StaticPods, type StaticPod } from './static-pods';

export interface ControlPlaneInput extends Omit<NodeServicesInput, 'config'> {
  readonly config: NodeConfig;
  readonly controlPlane: ControlPlaneConfig;
}

const MANIFEST_RETRY_MS = 300;
/** Refused objects are tried again: the kind that they need may be made later. */
const REFUSED_RETRY_MS = 3000;

/** What only a control plane runs: etcd, the static pods, and the manifests that it applies. */
export class ControlPlane {
  readonly etcdService = new ServiceState('etcd');
  private running: Running | undefined;
  private shared: readonly { readonly address: string; readonly election: SharedAddress }[] = [];

  constructor(private input: ControlPlaneInput) {
    const { address, controlPlane } = input;
    if (!passesSubnets(address, controlPlane.etcd.advertisedSubnets)) {
      throw new Error(
        `etcd has no address to advertise: ${address} does not pass cluster.etcd.advertisedSubnets ${controlPlane.etcd.advertisedSubnets.join(', ')}`,
      );
    }
  }

  /** False until the certificates are made. */
  get isStarted(): boolean {
    return this.running !== undefined;
  }

  /** @throws NodeServiceError UNAVAILABLE before `start` has made the certificates */
  get etcd(): Etcd {
    return this.started().etcd;
  }

  /** Talos' own admin, at KubePrism. */
  get admin(): KubernetesClient {
    return this.started().admin;
  }

  /** Issues the certificates, then starts what can start; resolves without waiting for any of it to be healthy. */
  async start(): Promise<void> {
    const { input } = this;
    const { config } = input;
    const secrets = await this.writeSecrets();
    const client = (server: string): KubernetesClient =>
      new KubernetesClient({ server, caCert: config.caCert, client: secrets.admin });
    const own = client(`https://localhost:${config.apiPort}`);
    const admin = client(localEndpoint(config));
    const etcd = this.makeEtcd(secrets);
    const staticPods = new StaticPods({
      binaries: input.binaries,
      logPath: input.logPath,
      holdPath: holdPath(input.ephemeralPath),
      isEtcdHealthy: () => etcd.isHealthy,
      apiReady: () => own.text('/readyz', 2000),
      endpointReady: () => admin.text('/readyz', 2000),
    });
    const kubeconfig = await adminKubeconfig(config, input.controlPlane);
    this.running = { etcd, staticPods, own, admin, kubeconfig, manifests: new AbortController() };
    etcd.start();
    this.share();
    await staticPods.apply(this.components(secrets));
    void this.keepManifests(this.running);
  }

  /** Takes another config: certificates anew, changed static pods started anew, manifests that are new applied. */
  async reconfigure(config: NodeConfig, controlPlane: ControlPlaneConfig): Promise<void> {
    const running = this.started();
    this.input = { ...this.input, config, controlPlane };
    running.manifests.abort();
    const secrets = await this.writeSecrets();
    const kubeconfig = await adminKubeconfig(config, controlPlane);
    const next = { ...running, kubeconfig, manifests: new AbortController() };
    this.running = next;
    if (this.shared.map(({ address }) => address).join() !== controlPlane.sharedAddresses.join()) {
      await this.unshare();
      this.share();
    }
    await running.staticPods.apply(this.components(secrets));
    void this.keepManifests(next);
  }

  async stop(): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    running.manifests.abort();
    await this.unshare();
    await running.staticPods.stop();
    await running.etcd.stop();
    running.own.close();
    running.admin.close();
  }

  /** Leaves etcd; without it the static pods are torn down too, as Talos does. */
  async leaveEtcd(): Promise<void> {
    const { etcd, staticPods } = this.started();
    await this.unshare();
    await etcd.leave();
    await staticPods.stop();
  }

  kubeconfig(): string {
    return this.started().kubeconfig;
  }

  staticPods(): StaticPod[] {
    return this.running?.staticPods.list() ?? [];
  }

  /** Stands for election for each address that the control planes share. */
  private share(): void {
    const { input } = this;
    const { holdAddress: hold } = input;
    if (hold === undefined) return;
    this.shared = input.controlPlane.sharedAddresses.map((address) => {
      const election = new SharedAddress({
        address,
        hostname: input.config.hostname,
        open: () => this.etcd.connect(),
        isEtcdHealthy: () => this.etcd.isHealthy,
        hasApiServer: () => this.staticPods().some(({ name }) => name === 'kube-apiserver'),
        hold,
        log: input.log,
      });
      election.start();
      return { address, election };
    });
  }

  private async unshare(): Promise<void> {
    const { shared } = this;
    this.shared = [];
    await Promise.all(shared.map(({ election }) => election.stop()));
  }

  private started(): Running {
    if (this.running === undefined)
      throw new NodeServiceError('UNAVAILABLE', 'the node is not up yet: its certificates are being made');
    return this.running;
  }

  private writeSecrets(): Promise<ControlPlaneSecrets> {
    const { config, controlPlane, address, ephemeralPath } = this.input;
    return writeControlPlaneSecrets(join(ephemeralPath, 'system', 'secrets'), config, controlPlane, address);
  }

  private components(secrets: ControlPlaneSecrets): Component[] {
    const { config, controlPlane, address, ephemeralPath } = this.input;
    const auditPath = join(ephemeralPath, 'log', 'audit');
    mkdirSync(auditPath, { recursive: true, mode: 0o700 });
    const configPath = join(ephemeralPath, 'system', 'config');
    return controlPlaneComponents({ config, controlPlane, secrets, address, auditPath, configPath });
  }

  private makeEtcd(secrets: ControlPlaneSecrets): Etcd {
    const { config, controlPlane, address, ephemeralPath, logPath, binaries, discovered, log } = this.input;
    return new Etcd(
      {
        hostname: config.hostname,
        address,
        extraArgs: controlPlane.etcd.extraArgs,
        secretsPath: secrets.etcd,
        caCert: controlPlane.etcdCa.cert,
        client: secrets.etcdAdmin,
        dataPath: join(ephemeralPath, 'etcd'),
        recoveryPath: etcdRecoveryPath(ephemeralPath),
        logPath,
        binaries: { etcd: binaries['etcd'] ?? 'etcd', etcdutl: binaries['etcdutl'] },
        endpoints: controlPlaneEndpoints(config, secrets.admin, discovered),
        log,
      },
      this.etcdService,
    );
  }

  private async keepManifests({ own: client, manifests: { signal } }: Running): Promise<void> {
    const { config, controlPlane, talosVersion, log } = this.input;
    const groups = bootstrapManifests(config, controlPlane);
    const said = new Set<string>();
    const sayOnce = (line: string): void => {
      if (!said.has(line)) log(line);
      said.add(line);
    };
    await until(() => client.text('/readyz', 2000), MANIFEST_RETRY_MS, signal);
    while (!signal.aborted) {
      try {
        const { created, refused } = await applyManifests(client, groups, hasInventory(talosVersion));
        for (const title of created) log(`created ${title}`);
        if (refused.length === 0) return;
        for (const reason of refused) sayOnce(`error creating ${reason}`);
        await sleep(REFUSED_RETRY_MS, signal);
      } catch (error) {
        sayOnce(`manifests are not applied yet: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(MANIFEST_RETRY_MS, signal);
      }
    }
  }
}

interface Running {
  readonly etcd: Etcd;
  readonly staticPods: StaticPods;
  /** Admin at the node's own API server. */
  readonly own: KubernetesClient;
  readonly admin: KubernetesClient;
  /** Ends the round of manifests that is under way. */
  readonly manifests: AbortController;
  readonly kubeconfig: string;
}

/** Talos keeps an inventory of what it has applied since 1.13. */
export const hasInventory = (talosVersion: string): boolean => {
  const [major = 0, minor = 0] = talosVersion.replace(/^v/, '').split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 13);
};
