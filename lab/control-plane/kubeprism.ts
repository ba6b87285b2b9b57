import { connect, createServer, type Server, type Socket } from 'node:net';
import type { NodeConfig } from './machine-config';

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/**
 * Where KubePrism sends connections (Talos k8s/kubeprism_endpoints.go): the cluster endpoint, on a control plane
 * its own API server, and the control planes that discovery has found.
 */
export const kubePrismUpstreams = (config: NodeConfig, discovered: readonly string[]): Upstream[] => [
  { host: config.endpoint.host, port: config.endpoint.port },
  ...(config.controlPlane === undefined ? [] : [{ host: 'localhost', port: config.apiPort }]),
  ...discovered.map((host) => ({ host, port: config.apiPort })),
];

export interface KubePrismOptions {
  readonly port: number;
  /** Asked before every round of checks. */
  readonly upstreams: () => readonly Upstream[];
  /** @default 1000 */
  readonly checkIntervalMs?: number;
  /** For a check and for a connection. @default 3000 */
  readonly dialTimeoutMs?: number;
}

interface Target {
  readonly upstream: Upstream;
  failures: number;
  /** Milliseconds of the last good check; undefined: down, or not yet seen. */
  latencyMs: number | undefined;
  readonly connections: Set<Socket>;
}

const FAILURES_TO_CUT = 2;

/** TCP proxy on 127.0.0.1 to the API servers; it sees no plain text, so the certificate is the API server's. */
export class KubePrism {
  private readonly targets = new Map<string, Target>();
  private readonly clients = new Set<Socket>();
  private readonly server: Server;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: KubePrismOptions) {
    this.server = createServer({ allowHalfOpen: true }, (client) => this.serve(client));
  }

  /** @throws Error where the port is taken */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, '127.0.0.1', resolve);
    });
    const round = (): void => {
      this.check();
      this.timer = setTimeout(round, this.options.checkIntervalMs ?? 1000);
    };
    round();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    for (const client of this.clients) client.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** `host:port` of each upstream with whether it answers. */
  status(): { readonly endpoint: string; readonly healthy: boolean }[] {
    return [...this.targets].map(([endpoint, { latencyMs }]) => ({ endpoint, healthy: latencyMs !== undefined }));
  }

  private check(): void {
    const wanted = new Map(this.options.upstreams().map((upstream) => [`${upstream.host}:${upstream.port}`, upstream]));
    for (const [key, target] of this.targets) {
      if (wanted.has(key)) continue;
      this.targets.delete(key);
      cut(target);
    }
    for (const [key, upstream] of wanted) {
      const target = this.targets.get(key) ?? { upstream, failures: 0, latencyMs: undefined, connections: new Set() };
      this.targets.set(key, target);
      this.probe(target);
    }
  }

  private probe(target: Target): void {
    const started = performance.now();
    const socket = this.dial(target.upstream);
    socket.once('connect', () => {
      target.failures = 0;
      target.latencyMs = performance.now() - started;
      socket.destroy();
    });
    socket.once('error', () => {
      target.failures += 1;
      target.latencyMs = undefined;
      if (target.failures >= FAILURES_TO_CUT) cut(target);
    });
  }

  /** The nearest healthy upstream first; those never seen healthy last, so that a cold start need not wait for a check. */
  private candidates(): Target[] {
    return [...this.targets.values()].sort((a, b) => (a.latencyMs ?? Infinity) - (b.latencyMs ?? Infinity));
  }

  private serve(client: Socket): void {
    this.clients.add(client);
    client.once('close', () => this.clients.delete(client));
    client.on('error', () => client.destroy());
    this.forward(client, this.candidates());
  }

  private forward(client: Socket, [target, ...others]: readonly Target[]): void {
    if (target === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    const upstream = this.dial(target.upstream);
    const onDialError = (): void => this.forward(client, others);
    upstream.once('error', onDialError);
    upstream.once('connect', () => {
      upstream.off('error', onDialError);
      upstream.setTimeout(0);
      upstream.setNoDelay(true);
      client.setNoDelay(true);
      target.connections.add(upstream);
      upstream.on('error', () => client.destroy());
      upstream.once('close', () => {
        target.connections.delete(upstream);
        client.destroy();
      });
      client.once('close', () => upstream.destroy());
      client.pipe(upstream).pipe(client);
    });
  }

  private dial({ host, port }: Upstream): Socket {
    const socket = connect({ host, port, allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    socket.setTimeout(this.options.dialTimeoutMs ?? 3000, () => socket.destroy(new Error('no answer')));
    return socket;
  }
}

const cut = (target: Target): void => {
  for (const connection of target.connections) connection.destroy();
};
