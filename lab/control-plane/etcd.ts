import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { mergeArguments, policy, renderArguments, single } from './arguments';
import { LAB_ARGUMENTS, LAB_ENVIRONMENT } from './differences';
import { EtcdClient, isMemberNotFound } from './etcd-client';
import { joinCluster, withAnyMember, type JoinPlan } from './etcd-join';
import { restoreSnapshot } from './etcd-recovery';
import { sleep } from './kubernetes-client';
import type { KeyPair } from './machine-config';
import { NodeServiceError, type EtcdAlarm, type EtcdMember } from './node-services';
import type { ServiceState } from './service-state';
import { SERVICE_RESTARTS, SupervisedProcess } from './supervised-process';

export interface EtcdInput {
  readonly hostname: string;
  /** Advertised to peers and clients. */
  readonly address: string;
  readonly extraArgs: Readonly<Record<string, readonly string[]>>;
  /** Folder with `ca.crt`, `server.*` and `peer.*`. */
  readonly secretsPath: string;
  readonly caCert: string;
  readonly client: KeyPair;
  readonly dataPath: string;
  /** A snapshot that the machine API has received for recovery. */
  readonly recoveryPath: string;
  readonly logPath: string;
  readonly binaries: { readonly etcd: string; readonly etcdutl: string | undefined };
  /** Addresses where members may be; own address allowed. */
  readonly endpoints: () => Promise<readonly string[]>;
  readonly log: (line: string) => void;
}

const JOIN_POLL_MS = 300;
const PROMOTE_POLL_MS = 100;
const HEALTH_POLL_MS = 250;
const HEALTHY_POLL_MS = 2000;
const STOP_GRACE_MS = 10_000;
/** Talos tries for 5 minutes to leave while the cluster is unhealthy. */
const LEAVE_TIMEOUT_MS = 300_000;

/** etcd on one control plane: waits for bootstrap or joins, runs, is watched, and leaves. */
export class Etcd {
  private process: SupervisedProcess | undefined;
  private joining: AbortController | undefined;
  private readonly stopping = new AbortController();
  private bootstrapped = false;

  /** `service` shows what happens here. */
  constructor(
    private readonly input: EtcdInput,
    private readonly service: ServiceState,
  ) {}

  get isHealthy(): boolean {
    return this.service.isHealthy;
  }

  /** A connection to this member. */
  connect(): EtcdClient {
    return this.open('localhost');
  }

  /** Starts at once where there are data, else looks for a cluster to join until `bootstrap` is called. */
  start(): void {
    mkdirSync(this.input.dataPath, { recursive: true, mode: 0o700 });
    this.service.enter('Preparing', 'Running pre state');
    if (this.hasData()) this.run({});
    else void this.join();
  }

  /** @throws NodeServiceError ALREADY_EXISTS */
  async bootstrap(options: { recoverEtcd: boolean; recoverSkipHashCheck: boolean }): Promise<void> {
    if (this.bootstrapped || this.hasData())
      throw new NodeServiceError('ALREADY_EXISTS', 'etcd data directory is not empty');
    this.bootstrapped = true;
    this.joining?.abort();
    if (options.recoverEtcd) {
      try {
        await restoreSnapshot(this.input, this.peerUrls(), options.recoverSkipHashCheck);
      } catch (error) {
        this.bootstrapped = false;
        void this.join();
        throw error;
      }
      this.run({});
      return;
    }
    const cluster = this.peerUrls().map((url) => `${this.input.hostname}=${url}`);
    this.run({ 'initial-cluster': cluster.join(','), 'initial-cluster-state': 'new' });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.joining?.abort();
    await this.process?.stop(STOP_GRACE_MS);
    this.service.enter('Finished', 'Service finished successfully');
  }

  /** Removes this member from the cluster, stops it and deletes its data. */
  async leave(): Promise<void> {
    const end = Date.now() + LEAVE_TIMEOUT_MS;
    for (;;) {
      try {
        await this.local(async (client) => client.remove((await client.status()).memberId));
        break;
      } catch (error) {
        if (isMemberNotFound(error)) break;
        const isTransient = /unhealthy|stopped/.test(error instanceof Error ? error.message : '');
        if (!isTransient || Date.now() > end) throw asServiceError(error);
        await sleep(JOIN_POLL_MS);
      }
    }
    await this.stop();
    rmSync(this.input.dataPath, { recursive: true, force: true });
  }

  /** From this member, or from any that answers. @throws NodeServiceError UNAVAILABLE where there is no quorum */
  members(queryLocal: boolean): Promise<EtcdMember[]> {
    const ask = (client: EtcdClient): Promise<EtcdMember[]> => client.members();
    return (queryLocal ? this.local(ask) : this.anywhere(ask)).catch(rethrow);
  }

  alarms(): Promise<EtcdAlarm[]> {
    return this.local((client) => client.alarms()).catch(rethrow);
  }

  /** To the first other member of the list, whatever it is: internal/pkg/etcd, ForfeitLeadership, of Talos 1.13. */
  async forfeitLeadership(): Promise<string> {
    const moved = this.local(async (client) => {
      const members = await client.members();
      const { memberId, leaderId } = await client.status();
      const other = members.find(({ id }) => id !== memberId);
      if (other === undefined) throw new Error('cannot forfeit leadership, only one member');
      if (leaderId !== memberId) return '';
      await client.moveLeader(other.id);
      return other.hostname;
    });
    return moved.catch((error: unknown) => {
      throw new NodeServiceError('UNKNOWN', `failed to forfeit leadership: ${(error as Error).message}`);
    });
  }

  /** @throws NodeServiceError NOT_FOUND `etcdserver: member not found` */
  remove(id: bigint): Promise<void> {
    return this.anywhere((client) => client.remove(id)).catch(rethrow);
  }

  snapshot(): Promise<Readable> {
    return this.local((client) => client.snapshot(), false).catch(rethrow);
  }

  private hasData(): boolean {
    const { dataPath } = this.input;
    return existsSync(dataPath) && readdirSync(dataPath).length > 0;
  }

  private peerUrls(): string[] {
    return [`https://${this.input.address}:2380`];
  }

  private async join(): Promise<void> {
    const joining = new AbortController();
    this.joining = joining;
    let plan: JoinPlan | undefined;
    while (!joining.signal.aborted && plan === undefined) {
      try {
        plan = await this.elsewhere((client) => joinCluster(client, this.input.hostname, this.peerUrls()));
      } catch (error) {
        this.service.record(`waiting to join the cluster: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(JOIN_POLL_MS, joining.signal);
      }
    }
    if (plan === undefined || joining.signal.aborted) return;
    this.input.log(`etcd joins as learner ${plan.learnerId.toString(16)}`);
    this.run({ 'initial-cluster': plan.initialCluster, 'initial-cluster-state': 'existing' });
    void this.promote(plan.learnerId);
  }

  private async promote(id: bigint): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.elsewhere((client) => client.promote(id));
        this.input.log('etcd member is promoted');
        return;
      } catch {
        await sleep(PROMOTE_POLL_MS, this.stopping.signal);
      }
    }
  }

  private run(initial: Readonly<Record<string, string>>): void {
    const { input } = this;
    this.process = new SupervisedProcess(
      {
        name: 'etcd',
        command: input.binaries.etcd,
        args: etcdArguments(input, initial),
        env: LAB_ENVIRONMENT,
        logFile: join(input.logPath, 'etcd.log'),
        restarts: SERVICE_RESTARTS,
      },
      (process) => {
        if (process.state === 'running')
          this.service.enter('Running', `Started task etcd (PID ${process.pid ?? 0}) for container etcd`);
        if (process.state === 'waiting')
          this.service.enter(
            'Waiting',
            `Error running Containerd(etcd), going to restart forever: task "etcd" failed: exit code ${process.lastExit?.code ?? 137}`,
          );
      },
    );
    this.process.start();
    void this.watchHealth();
  }

  private async watchHealth(): Promise<void> {
    const client = this.open('localhost');
    while (!this.stopping.signal.aborted) {
      try {
        await client.validateQuorum();
        this.service.setHealth(true, '');
      } catch (error) {
        // Until the first success there is nothing to report: Talos waits 5 s before its first check.
        if (this.service.isHealthy)
          this.service.setHealth(false, error instanceof Error ? error.message : String(error));
      }
      await sleep(this.service.isHealthy ? HEALTHY_POLL_MS : HEALTH_POLL_MS, this.stopping.signal);
    }
    client.close();
  }

  private open(host: string): EtcdClient {
    return new EtcdClient(host, this.input.caCert, this.input.client);
  }

  private async local<T>(attempt: (client: EtcdClient) => Promise<T>, closes = true): Promise<T> {
    const client = this.open('localhost');
    try {
      return await attempt(client);
    } finally {
      if (closes) client.close();
    }
  }

  private async elsewhere<T>(attempt: (client: EtcdClient) => Promise<T>): Promise<T> {
    const hosts = (await this.input.endpoints()).filter((host) => host !== this.input.address);
    return withAnyMember(hosts, (host) => this.open(host), attempt);
  }

  private async anywhere<T>(attempt: (client: EtcdClient) => Promise<T>): Promise<T> {
    const hosts = await this.input.endpoints();
    return withAnyMember([...new Set([...hosts, 'localhost'])], (host) => this.open(host), attempt);
  }
}

/** Talos' arguments (services/etcd.go, argsForControlPlane) with what this start needs. */
export const etcdArguments = (
  input: Pick<EtcdInput, 'hostname' | 'address' | 'extraArgs' | 'secretsPath' | 'dataPath'>,
  initial: Readonly<Record<string, string>>,
): string[] => {
  const secret = (name: string): string => join(input.secretsPath, name);
  const fixed = {
    'auto-tls': 'false',
    'cert-file': secret('server.crt'),
    'client-cert-auth': 'true',
    'data-dir': input.dataPath,
    'experimental-compact-hash-check-enabled': 'true',
    'experimental-initial-corrupt-check': 'true',
    'experimental-watch-progress-notify-interval': '5s',
    'key-file': secret('server.key'),
    'listen-client-urls': 'https://0.0.0.0:2379',
    'listen-peer-urls': 'https://0.0.0.0:2380',
    name: input.hostname,
    'peer-auto-tls': 'false',
    'peer-cert-file': secret('peer.crt'),
    'peer-client-cert-auth': 'true',
    'peer-key-file': secret('peer.key'),
    'peer-trusted-ca-file': secret('ca.crt'),
    'trusted-ca-file': secret('ca.crt'),
  };
  const replaceable = {
    ...LAB_ARGUMENTS.etcd,
    'advertise-client-urls': `https://${input.address}:2379`,
    'initial-advertise-peer-urls': `https://${input.address}:2380`,
    ...initial,
  };
  return renderArguments(
    mergeArguments(single({ ...fixed, ...replaceable }), input.extraArgs, policy('denied', Object.keys(fixed))),
  );
};

const asServiceError = (error: unknown): NodeServiceError => {
  if (error instanceof NodeServiceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NodeServiceError(isMemberNotFound(error) ? 'NOT_FOUND' : 'UNAVAILABLE', message);
};

const rethrow = (error: unknown): never => {
  throw asServiceError(error);
};
