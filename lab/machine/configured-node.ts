import { networkInterfaces } from 'node:os';
import { partition } from '../hardware/disk';
import type { VirtualHardware } from '../hardware/hypervisor';
import type { Clock } from '../durations/clock';
import type { NodeServices, NodeServicesInput } from '../control-plane/node-services';
import { ApiListener } from './api/api-server';
import type { Backend } from './api/backend';
import { API_PORT, Peers, type PeerCredentials } from './api/peer-backend';
import { Router } from './api/router';
import { DiscoveryClient, type Exchange } from './discovery';
import { lazyModules } from './lazy-modules';
import type { MachineConfig } from './machine-config';
import type { OwnServices } from './own-services';
import type { CertificateAuthority } from './pki/certificates';
import type { KeyPair } from './pki/self-signed';
import { askTrustd, serveTrustd, TRUSTD_PORT } from './pki/trustd';

/** Gives the function that makes a node's services; called once a machine is configured, since it loads much. */
export type LoadNodeServices = () => (input: NodeServicesInput) => NodeServices;

export interface ConfiguredNodeInput {
  readonly hardware: VirtualHardware;
  /** Folder of the system disk. */
  readonly disk: string;
  readonly talosVersion: string;
  /** Without mask. */
  readonly address: string;
  readonly hostname: string;
  readonly nodeId: string;
  /** Address that the APIs listen on, as `0.0.0.0`. */
  readonly listen: string;
  readonly discoveryUrl: string;
  readonly binaries: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly loadNodeServices: LoadNodeServices;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly own: OwnServices;
  /** Answers of this machine, behind the roles. */
  readonly local: Backend;
  /** Puts an address that control planes share on the interface, or takes it away. */
  readonly holdAddress: (address: string, held: boolean) => Promise<void>;
  readonly onCall: (path: string, code: number, message: string) => void;
  readonly log: (line: string) => void;
}

/** Certificates of the machine API, by role of the node. */
interface ApiCredentials {
  readonly server: KeyPair;
  readonly clientCas: readonly string[];
  /** Undefined on a worker. */
  readonly peer: PeerCredentials | undefined;
  readonly authority: CertificateAuthority | undefined;
}

const TRUSTD_RETRY_MS = 1000;

/** A machine that has its config: the secure machine API, trustd, discovery, and the services of its node. */
export class ConfiguredNode {
  private readonly stopping = new AbortController();
  private current: NodeServices | undefined;
  private listener: ApiListener | undefined;
  private stopTrustd: (() => void) | undefined;
  private peers: Peers | undefined;
  private discovery: DiscoveryClient | undefined;

  constructor(
    private readonly input: ConfiguredNodeInput,
    private machineConfig: MachineConfig,
  ) {}

  get config(): MachineConfig {
    return this.machineConfig;
  }
  /** Undefined until they have been made. */
  get services(): NodeServices | undefined {
    return this.current;
  }

  /** Resolves when the services were told to start. The API of a worker comes when a trustd has signed its certificate. */
  async start(): Promise<void> {
    this.startDiscovery();
    const api = this.openApi();
    if (this.machineConfig.type === 'controlplane') await api;
    else api.catch((fault: unknown) => this.input.log(`apid: ${(fault as Error).message}`));
    this.startServices();
  }

  private startDiscovery(): void {
    const { discovery, type } = this.machineConfig;
    if (discovery === undefined) return;
    const { nodeId, address, hostname, exchange, log, clock } = this.input;
    const url = discovery.url === '' ? this.input.discoveryUrl : discovery.url;
    this.discovery = new DiscoveryClient({
      url,
      clusterId: discovery.clusterId,
      self: { nodeId, address, hostname, role: type },
      exchange,
      log,
      clock,
    });
    void this.discovery.run();
  }

  private startServices(): void {
    const { hardware, disk, talosVersion, address, hostname, binaries, logPath, holdAddress, log } = this.input;
    const { cores, memoryMiB, uuid, architecture } = hardware;
    const createNodeServices = this.input.loadNodeServices();
    this.current = createNodeServices({
      config: this.machineConfig.document,
      address,
      hostname,
      hardware: { cores, memoryMiB, uuid, ...(architecture !== undefined && { architecture }) },
      statePath: partition(disk, 'STATE'),
      ephemeralPath: partition(disk, 'EPHEMERAL'),
      logPath,
      binaries,
      talosVersion,
      discovered: () => this.discovery?.controlPlanes() ?? [],
      holdAddress,
      log,
    });
    this.current.start().catch((fault: unknown) => log(`services: ${(fault as Error).message}`));
  }

  private get sans(): readonly string[] {
    const { address, hostname } = this.input;
    return [...new Set([...this.machineConfig.certSans, address, '127.0.0.1', hostname])];
  }

  private async issue(): Promise<ApiCredentials> {
    const { CertificateAuthority } = lazyModules.certificates();
    const { hostname, clock } = this.input;
    const { caCertificate, caKey, acceptedCas } = this.machineConfig;
    const now = new Date(clock.now());
    const authority = await CertificateAuthority.load(caCertificate, caKey);
    const [server, client] = [
      await authority.issueServer(hostname, this.sans, now),
      await authority.issueClient(hostname, ['os:impersonator'], now),
    ];
    return { server, clientCas: acceptedCas, peer: { ca: acceptedCas.join('\n'), ...client }, authority };
  }

  /**
   * A worker holds no CA key: it asks the trustd of the cluster endpoint and of the control planes that discovery
   * knows, one after the other, until one signs. Source: controllers/secrets/api.go, controllers/k8s/static_endpoint.go.
   */
  private async ask(): Promise<ApiCredentials> {
    const { createRequest } = lazyModules.certificates();
    const { hostname, own, clock, log } = this.input;
    const { token, acceptedCas, endpointHost } = this.machineConfig;
    own.waiting('apid', 'API certificates');
    const { request, key } = await createRequest(hostname, this.sans);
    let lastFault = '';
    for (;;) {
      for (const host of new Set([...(this.discovery?.controlPlanes() ?? []), endpointHost])) {
        if (this.stopping.signal.aborted) throw new Error('stopped before a trustd has signed');
        try {
          const { ca, certificate } = await askTrustd({ host, token, acceptedCas, request });
          return { server: { certificate, key }, clientCas: [ca], peer: undefined, authority: undefined };
        } catch (fault) {
          const text = `trustd at ${host}: ${(fault as Error).message}`;
          if (text !== lastFault) log(text);
          lastFault = text;
        }
      }
      await clock.sleep(TRUSTD_RETRY_MS, this.stopping.signal);
    }
  }

  private async openApi(): Promise<void> {
    const { listen, own, local, onCall, clock, log } = this.input;
    const controlPlane = this.machineConfig.type === 'controlplane';
    const { server, clientCas, peer, authority } = await (controlPlane ? this.issue() : this.ask());
    if (this.stopping.signal.aborted) return;
    const peers = peer === undefined ? undefined : new Peers(peer);
    this.peers = peers;
    const backend = new Router({
      local,
      isLocal: (target) => this.isLocal(target),
      peer: peers === undefined ? undefined : (target) => peers.to(target),
      routingDisabled: false,
    });
    this.listener = await ApiListener.open({
      address: `${listen}:${API_PORT}`,
      ...server,
      clientCas,
      anonymousRoles: new Set(),
      backend,
      onCall,
    });
    own.running('apid');
    log(`machine API: listens on ${listen}:${API_PORT}, clients need a certificate`);
    if (authority === undefined) return;
    const { token, acceptedCas } = this.machineConfig;
    this.stopTrustd = await serveTrustd({
      address: `${listen}:${TRUSTD_PORT}`,
      server,
      token,
      authority,
      acceptedCas,
      now: () => new Date(clock.now()),
      log,
    });
    own.running('trustd');
  }

  /** Addresses of the moment, a virtual one among them, and the host name. Source: apid/pkg/director/local_address.go. */
  private isLocal(target: string): boolean {
    const { address, hostname } = this.input;
    if (target === address || target === hostname) return true;
    return Object.values(networkInterfaces()).some(
      (list) => list?.some((one) => !one.internal && one.address === target) === true,
    );
  }

  private async closeApi(graceMs?: number): Promise<void> {
    this.stopTrustd?.();
    this.stopTrustd = undefined;
    await this.listener?.close(graceMs);
    this.listener = undefined;
    this.peers?.close();
    this.peers = undefined;
  }

  /** Takes a config that needs no restart. Certificates are made anew where the config asks for other ones. */
  async reconfigure(config: MachineConfig): Promise<void> {
    const key = ({ caCertificate, acceptedCas, certSans, token }: MachineConfig): string =>
      JSON.stringify([caCertificate, acceptedCas, certSans, token]);
    const other = key(config) !== key(this.machineConfig);
    this.machineConfig = config;
    if (this.current?.reconfigure === undefined)
      this.input.log('services keep their settings until the machine restarts');
    else await this.current.reconfigure(config.document);
    if (other && this.listener !== undefined) {
      await this.closeApi();
      await this.openApi();
    }
  }

  /** Stops the services; the API stays, so that the sequence that stops them can be watched. */
  async stopServices(): Promise<void> {
    this.stopping.abort();
    this.discovery?.stop();
    await this.current?.stop();
  }
  async close(graceMs: number): Promise<void> {
    this.stopping.abort();
    this.discovery?.stop();
    await this.closeApi(graceMs);
  }
}
