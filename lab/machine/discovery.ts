import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { systemClock, type Clock } from '../durations/clock';
import type { Affiliate } from '../discovery/discovery';

/** What is sent where; resolves with the body of a 2xx answer. */
export type Exchange = (method: 'GET' | 'POST', url: string, body?: string) => Promise<string>;

const POLL_MS = 1000;
/** A machine makes itself known again this often; the service forgets after 30 minutes. */
const RENEW_MS = 10_000;

/** Over HTTPS, trusting the lab's CA beside those that Node trusts. */
export const exchangeOverHttps = (caFile: string | undefined): Exchange => {
  const ca = caFile === undefined ? undefined : readFileSync(caFile);
  return (method, url, body) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        { method, timeout: 5000, ...(ca === undefined ? {} : { ca }), headers: { 'Content-Type': 'application/json' } },
        (incoming) => {
          let answer = '';
          incoming.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
          incoming.on('end', () =>
            (incoming.statusCode ?? 500) < 300
              ? resolve(answer)
              : reject(new Error(`${method} ${url} answered ${incoming.statusCode ?? 'nothing'}`)),
          );
          incoming.on('error', reject);
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url} timed out`)));
      outgoing.on('error', reject).end(body);
    });
};

export interface DiscoveryClientInput {
  /** Without trailing slash. */
  readonly url: string;
  readonly clusterId: string;
  readonly self: Affiliate;
  readonly exchange: Exchange;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

/** Makes this machine known to the others of its cluster, and learns of them; a service that is gone breaks nothing. */
export class DiscoveryClient {
  private readonly stopping = new AbortController();
  private affiliates: readonly Affiliate[] = [];
  private lastFault = '';

  constructor(private readonly input: DiscoveryClientInput) {}

  /** Addresses of the other control planes, sorted; what was learnt last, where the service does not answer. */
  controlPlanes(): readonly string[] {
    return this.affiliates
      .filter(({ role, nodeId }) => role === 'controlplane' && nodeId !== this.input.self.nodeId)
      .map(({ address }) => address)
      .sort();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { clock = systemClock, exchange, self } = this.input;
    const path = `${this.input.url}/v1/clusters/${encodeURIComponent(this.input.clusterId)}/affiliates`;
    let renewAt = 0;
    while (!this.stopping.signal.aborted) {
      try {
        if (clock.now() >= renewAt) {
          await exchange('POST', path, JSON.stringify(self));
          renewAt = clock.now() + RENEW_MS;
        }
        this.affiliates = JSON.parse(await exchange('GET', path)) as readonly Affiliate[];
        this.report('');
      } catch (fault) {
        this.report((fault as Error).message);
      }
      await clock.sleep(POLL_MS, this.stopping.signal).catch(() => undefined);
    }
  }
  private report(fault: string): void {
    if (fault !== this.lastFault) this.input.log(fault === '' ? 'discovery answers' : `discovery: ${fault}`);
    this.lastFault = fault;
  }
  stop(): void {
    this.stopping.abort();
  }
}
