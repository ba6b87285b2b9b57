import type { EtcdClient } from './etcd-client';
import { sleep } from './kubernetes-client';

export interface SharedAddressInput {
  /** Without mask, as `10.0.3.1`. */
  readonly address: string;
  readonly hostname: string;
  /** A connection to the node's own etcd member. */
  readonly open: () => EtcdClient;
  /** True while the service etcd runs and is healthy. */
  readonly isEtcdHealthy: () => boolean;
  /** True once the node has a static pod of kube-apiserver, and until it is torn down: a crash does not end it. */
  readonly hasApiServer: () => boolean;
  /** Puts the address on the node's interface, or takes it away. */
  readonly hold: (address: string, held: boolean) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Life of an etcd session, go.etcd.io/etcd/client/v3/concurrency, defaultSessionTTL. */
const SESSION_SECONDS = 60;
const CAMPAIGN_RETRY_MS = 1000;
const POLL_MS = 500;

/**
 * Talos' own VIP: one key for each control plane under one prefix of etcd, each bound to a lease; the oldest key's node
 * holds the address. A node campaigns when its etcd is healthy, whether it has an API server or not, and gives the
 * address up when its etcd stops, its API server's pod is torn down, its session ends or another leads.
 * Source: siderolabs/talos internal/app/machined/pkg/controllers/network/operator/vip.go.
 */
export class SharedAddress {
  private readonly stopping = new AbortController();
  private done: Promise<void> = Promise.resolve();

  constructor(private readonly input: SharedAddressInput) {}

  start(): void {
    this.done = this.run();
  }

  /** Resolves when the address is given up and the node's key is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let said = '';
    while (!signal.aborted) {
      try {
        await this.campaign();
        said = '';
      } catch (error) {
        const message = `campaign failure: ${error instanceof Error ? error.message : String(error)}`;
        if (message !== said) this.input.log(message);
        said = message;
      }
      await sleep(CAMPAIGN_RETRY_MS, signal);
    }
  }

  /** Stands for election once, and ends when the node no longer may. */
  private async campaign(): Promise<void> {
    const { address, hostname, isEtcdHealthy, hasApiServer } = this.input;
    const { signal } = this.stopping;
    const mayStand = (): boolean => !signal.aborted && isEtcdHealthy();
    while (!isEtcdHealthy() && !signal.aborted) await sleep(POLL_MS, signal);
    if (signal.aborted) return;
    const client = this.input.open();
    try {
      const lease = await client.grantLease(SESSION_SECONDS);
      const prefix = `talos:v1:vip:election:${address}/`;
      const key = `${prefix}${lease.toString(16)}`;
      let held = false;
      let hadApiServer = false;
      try {
        await client.put(key, hostname, lease);
        while (mayStand()) {
          if (!(await client.keepAlive(lease))) break;
          const isFirst = (await client.oldestKey(prefix)) === key;
          if (held && !isFirst) break;
          if (!held && isFirst) {
            held = true;
            await this.hold(true);
          }
          // Without an API server yet it may hold the address all the same: at bootstrap somebody has to.
          if (held && hadApiServer && !hasApiServer()) break;
          hadApiServer ||= hasApiServer();
          await sleep(POLL_MS, signal);
        }
      } finally {
        if (held) await this.hold(false);
        // Else those behind it wait for the session to end by itself.
        await client.revokeLease(lease).catch(() => undefined);
      }
    } finally {
      client.close();
    }
  }

  private async hold(held: boolean): Promise<void> {
    const { address, hold, log } = this.input;
    log(`${held ? 'enabled' : 'removing'} shared IP ${address}`);
    await hold(address, held);
  }
}
