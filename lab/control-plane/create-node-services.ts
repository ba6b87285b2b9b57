import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Kubelet } from '../kubelet/kubelet';
import type { NodeFacts } from '../kubelet/node-object';
import { passesSubnets } from './address-filter';
import { ControlPlane } from './control-plane';
import { localEndpoint } from './control-plane-secrets';
import { holdPath } from './hold';
import { KubePrism, kubePrismUpstreams } from './kubeprism';
import { readNodeConfig, type NodeConfig } from './machine-config';
import { applyNode } from './node-apply';
import {
  NodeServiceError,
  type EtcdAlarm,
  type EtcdMember,
  type NodeService,
  type NodeServices,
  type NodeServicesInput,
} from './node-services';
import { ServiceState } from './service-state';
import { sleep, type KubernetesClient } from './kubernetes-client';

const APPLY_RETRY_MS = 100;
const APPLY_AGAIN_MS = 10_000;

/**
 * Services of one configured node. Nothing is started yet.
 * @throws Error where the machine config lacks what a node can't do without
 */
export const createNodeServices = (input: NodeServicesInput): NodeServices => new Node(input);

class Node implements NodeServices {
  private config: NodeConfig;
  private readonly kubelet: Kubelet;
  private readonly kubePrism: KubePrism | undefined;
  private readonly controlPlane: ControlPlane | undefined;
  private readonly stopping = new AbortController();
  /** The container runtime, which runs whenever this node does. */
  private readonly cri = new ServiceState('cri');

  constructor(private readonly input: NodeServicesInput) {
    const config = readNodeConfig(input.config, input.hostname);
    this.config = config;
    if (config.kubePrismPort !== undefined) {
      this.kubePrism = new KubePrism({
        port: config.kubePrismPort,
        upstreams: () => kubePrismUpstreams(this.config, input.discovered()),
      });
    }
    if (config.controlPlane !== undefined) {
      this.controlPlane = new ControlPlane({ ...input, config, controlPlane: config.controlPlane });
    }
    if (!passesSubnets(input.address, config.nodeIpSubnets)) {
      throw new Error(
        `no suitable node IP found: ${input.address} does not pass machine.kubelet.nodeIP.validSubnets ${config.nodeIpSubnets.join(', ')}`,
      );
    }
    this.kubelet = this.makeKubelet();
  }

  async start(): Promise<void> {
    mkdirSync(this.input.logPath, { recursive: true });
    this.cri.enter('Running', 'Started task cri (PID 1) for container cri');
    this.cri.setHealth(true, '');
    await this.kubePrism?.start();
    await this.controlPlane?.start();
    this.kubelet.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.kubelet.stop();
    await this.controlPlane?.stop();
    await this.kubePrism?.stop();
    this.cri.enter('Finished', 'Service finished successfully');
  }

  async bootstrap(options: { readonly recoverEtcd: boolean; readonly recoverSkipHashCheck: boolean }): Promise<void> {
    const controlPlane = this.needControlPlane('bootstrap');
    if (!controlPlane.isStarted) throw new NodeServiceError('FAILED_PRECONDITION', 'bootstrap is not available yet');
    await controlPlane.etcd.bootstrap(options);
  }

  services(): readonly NodeService[] {
    const etcd = this.controlPlane === undefined ? [] : [this.controlPlane.etcdService];
    return [this.cri, ...etcd, this.kubelet.service]
      .map((service) => service.snapshot())
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  kubeconfig(): string {
    return this.needControlPlane('kubeconfig').kubeconfig();
  }

  etcdMembers({ queryLocal }: { readonly queryLocal: boolean }): Promise<readonly EtcdMember[]> {
    return this.needControlPlane('member list').etcd.members(queryLocal);
  }

  etcdAlarms(): Promise<readonly EtcdAlarm[]> {
    return this.needControlPlane('etcd alarm list').etcd.alarms();
  }

  etcdForfeitLeadership(): Promise<string> {
    return this.needControlPlane('etcd forfeit leadership').etcd.forfeitLeadership();
  }

  etcdLeave(): Promise<void> {
    return this.needControlPlane('etcd leave').leaveEtcd();
  }

  etcdRemoveMember(id: bigint): Promise<void> {
    return this.needControlPlane('etcd remove member').etcd.remove(id);
  }

  etcdSnapshot(): Promise<Readable> {
    return this.needControlPlane('etcd snapshot').etcd.snapshot();
  }

  staticPods(): readonly string[] {
    return (this.controlPlane?.staticPods() ?? []).map(({ name }) => `kube-system/${name}-${this.config.hostname}`);
  }

  async reconfigure(document: Readonly<Record<string, unknown>>): Promise<void> {
    const config = readNodeConfig(document, this.input.hostname);
    this.config = config;
    if (config.controlPlane !== undefined) await this.controlPlane?.reconfigure(config, config.controlPlane);
  }

  private needControlPlane(operation: string): ControlPlane {
    if (this.controlPlane !== undefined) return this.controlPlane;
    throw new NodeServiceError('FAILED_PRECONDITION', `${operation} can only be performed on a control plane node`);
  }

  private makeKubelet(): Kubelet {
    const { input, config } = this;
    const isWorkerWithoutKubePrism = config.kubePrismPort === undefined && config.controlPlane === undefined;
    return new Kubelet({
      config,
      facts: () => this.facts(),
      server: isWorkerWithoutKubePrism ? config.endpoint.url : localEndpoint(config),
      path: join(input.ephemeralPath, 'kubelet'),
      logPath: input.logPath,
      holdPath: holdPath(input.ephemeralPath),
      binaries: input.binaries,
      staticPods: () => this.controlPlane?.staticPods() ?? [],
      onRegistered: (client) => void this.keepLabels(this.controlPlane?.admin ?? client),
      log: input.log,
    });
  }

  private facts(): NodeFacts {
    const { input, config } = this;
    return {
      ...(input.hardware ?? { cores: 2, memoryMiB: 2048, uuid: uuidOf(config.hostname) }),
      name: config.hostname,
      address: input.address,
      talosVersion: input.talosVersion,
      kubernetesVersion: config.kubernetesVersion,
      isControlPlane: config.controlPlane !== undefined,
      registerWithTaints: config.registerWithTaints,
    };
  }

  /** Talos labels with its admin on a control plane, with the kubelet's own rights on a worker. */
  private async keepLabels(client: KubernetesClient): Promise<void> {
    const { signal } = this.stopping;
    let said = '';
    while (!signal.aborted) {
      let isDone = false;
      try {
        isDone = await applyNode(client, this.config);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== said) this.input.log(`cannot apply labels and taints of the node: ${message}`);
        said = message;
      }
      await sleep(isDone ? APPLY_AGAIN_MS : APPLY_RETRY_MS, signal);
    }
  }
}

const uuidOf = (name: string): string =>
  createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
