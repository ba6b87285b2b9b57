import { Agent, request } from 'node:https';
import { PassThrough, type Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { KeyPair } from './machine-config';
import type { EtcdAlarm, EtcdMember } from './node-services';

/** A refusal of etcd, in its own words, as `etcdserver: member not found`. */
export class EtcdError extends Error {
  constructor(
    /** gRPC code. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface GatewayMember {
  readonly ID: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

export interface EtcdStatus {
  readonly memberId: bigint;
  readonly leaderId: bigint;
  readonly isLearner: boolean;
}

const DEFAULT_TIMEOUT_MS = 5000;
const GRPC_NOT_FOUND = 5;

/** One etcd member, spoken to through its gRPC gateway: JSON over HTTPS, with a client certificate. */
export class EtcdClient {
  private readonly agent: Agent;

  /** `host` is an address or `localhost`. */
  constructor(
    readonly host: string,
    caCert: string,
    client: KeyPair,
    private readonly port = 2379,
  ) {
    this.agent = new Agent({ keepAlive: true, ca: caCert, cert: client.cert, key: client.key });
  }

  /** As a quorum sees them; fails where there is none. */
  async members(): Promise<EtcdMember[]> {
    const { members } = await this.call<{ members: GatewayMember[] }>('/v3/cluster/member/list', {
      linearizable: true,
    });
    return members.map(asMember);
  }

  async addLearner(peerUrls: readonly string[]): Promise<{ id: bigint; members: EtcdMember[] }> {
    const answer = await this.call<{ member: GatewayMember; members: GatewayMember[] }>('/v3/cluster/member/add', {
      peerURLs: peerUrls,
      isLearner: true,
    });
    return { id: BigInt(answer.member.ID), members: answer.members.map(asMember) };
  }

  /** @throws EtcdError until the learner has caught up with the leader */
  async promote(id: bigint): Promise<void> {
    await this.call('/v3/cluster/member/promote', { ID: String(id) });
  }

  /** @throws EtcdError for which `isMemberNotFound` holds */
  async remove(id: bigint): Promise<void> {
    await this.call('/v3/cluster/member/remove', { ID: String(id) });
  }

  async status(): Promise<EtcdStatus> {
    const answer = await this.call<{ header: { member_id: string }; leader?: string; isLearner?: boolean }>(
      '/v3/maintenance/status',
      {},
    );
    return {
      memberId: BigInt(answer.header.member_id),
      leaderId: BigInt(answer.leader ?? '0'),
      isLearner: answer.isLearner ?? false,
    };
  }

  async alarms(): Promise<EtcdAlarm[]> {
    const { alarms = [] } = await this.call<{
      readonly alarms?: readonly { readonly memberID: string; readonly alarm: EtcdAlarm['alarm'] }[];
    }>('/v3/maintenance/alarm', { action: 'GET' });
    return alarms.map(({ memberID, alarm }) => ({ memberId: BigInt(memberID), alarm }));
  }

  /** Asked of the leader. @throws EtcdError `etcdserver: not leader`, `etcdserver: bad leader transferee` */
  async moveLeader(to: bigint): Promise<void> {
    await this.call('/v3/maintenance/transfer-leadership', { targetID: String(to) });
  }

  /** Reads a key by quorum, as Talos' health check does (internal/pkg/etcd, ValidateQuorum). */
  async validateQuorum(): Promise<void> {
    await this.call('/v3/kv/range', { key: base64('health') });
  }

  /** Id of a new lease of so many seconds, which all that is bound to it ends with. */
  async grantLease(seconds: number): Promise<bigint> {
    return BigInt((await this.call<{ ID: string }>('/v3/lease/grant', { TTL: seconds })).ID);
  }

  /** False where the lease has ended. */
  async keepAlive(lease: bigint): Promise<boolean> {
    const answer = await this.call<{ result?: { TTL?: string } }>('/v3/lease/keepalive', { ID: String(lease) });
    return Number(answer.result?.TTL ?? '0') > 0;
  }

  /** @throws EtcdError where the lease has ended already */
  async revokeLease(lease: bigint): Promise<void> {
    await this.call('/v3/lease/revoke', { ID: String(lease) });
  }

  async put(key: string, value: string, lease: bigint): Promise<void> {
    await this.call('/v3/kv/put', { key: base64(key), value: base64(value), lease: String(lease) });
  }

  /** The key under `prefix` that was made first; undefined where there is none. */
  async oldestKey(prefix: string): Promise<string | undefined> {
    const { kvs = [] } = await this.call<{ kvs?: readonly { readonly key: string }[] }>('/v3/kv/range', {
      key: base64(prefix),
      // All keys below the one that ends in the next character.
      range_end: base64(`${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`),
      sort_order: 'ASCEND',
      sort_target: 'CREATE',
      limit: 1,
    });
    return kvs[0] === undefined ? undefined : Buffer.from(kvs[0].key, 'base64').toString();
  }

  /** The whole key space as a bolt database with its checksum at the end. */
  async snapshot(): Promise<Readable> {
    const response = await this.open('/v3/maintenance/snapshot', {}, 60_000);
    const output = new PassThrough();
    void pump(response, output);
    return output;
  }

  close(): void {
    this.agent.destroy();
  }

  private async call<T>(path: string, body: unknown): Promise<T> {
    const response = await this.open(path, body, DEFAULT_TIMEOUT_MS);
    const answer = parse(await readAll(response));
    if (response.statusCode !== 200)
      throw new EtcdError(answer.code ?? 2, answer.message ?? answer.error ?? 'no answer');
    return answer as T;
  }

  private open(path: string, body: unknown, timeoutMs: number): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { host: this.host, port: this.port, path, method: 'POST', agent: this.agent, timeout: timeoutMs };
      const call = request(options, resolve);
      call.on('timeout', () => call.destroy(new Error(`etcd on ${this.host} is silent: it may have no quorum`)));
      call.on('error', reject);
      call.end(JSON.stringify(body));
    });
  }
}

export const isMemberNotFound = (error: unknown): boolean =>
  error instanceof EtcdError && error.code === GRPC_NOT_FOUND;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const asMember = (member: GatewayMember): EtcdMember => ({
  id: BigInt(member.ID),
  hostname: member.name ?? '',
  peerUrls: member.peerURLs ?? [],
  clientUrls: member.clientURLs ?? [],
  isLearner: member.isLearner ?? false,
});

interface GatewayError {
  readonly code?: number;
  readonly message?: string;
  readonly error?: string;
}

const parse = (text: string): GatewayError => {
  try {
    return JSON.parse(text) as GatewayError;
  } catch {
    return { message: text.slice(0, 200) };
  }
};

const readAll = async (response: IncomingMessage): Promise<string> => {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
};

/** One JSON object per line: `{"result":{"blob":"<base64>"}}`, or `{"error":{…}}` and then nothing more. */
const pump = async (response: IncomingMessage, output: PassThrough): Promise<void> => {
  response.setEncoding('utf8');
  try {
    let rest = '';
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const part = JSON.parse(line) as { result?: { blob?: string }; error?: GatewayError };
        if (part.error !== undefined)
          throw new EtcdError(part.error.code ?? 2, part.error.message ?? 'snapshot failed');
        if (!output.write(Buffer.from(part.result?.blob ?? '', 'base64'))) {
          await new Promise((resolve) => output.once('drain', resolve));
        }
      }
    }
    output.end();
  } catch (error) {
    output.destroy(error as Error);
  }
};
