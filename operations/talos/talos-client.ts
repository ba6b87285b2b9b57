import {
  Client,
  credentials,
  status as codes,
  type ChannelCredentials,
  type ClientWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import {
  loadSync,
  type MessageTypeDefinition,
  type MethodDefinition,
  type PackageDefinition,
} from '@grpc/proto-loader';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import type { TalosIdentity } from './talosconfig';

export interface EtcdMember {
  /** 64-bit number as text. */
  readonly id: string;
  readonly hostname: string;
  readonly peer_urls: readonly string[];
  readonly client_urls: readonly string[];
  readonly is_learner: boolean;
}

export interface EtcdAlarm {
  /** 64-bit number as text, as of the member. */
  readonly member_id: string;
  /** As `NOSPACE` or `CORRUPT`. */
  readonly alarm: string;
}

/** How far a node has come. */
export interface TalosStatus {
  /** As `RUNNING`, `MAINTENANCE`, `BOOTING` or `REBOOTING`. */
  readonly stage: string;
  readonly status: {
    readonly ready: boolean;
    readonly unmet_conditions: readonly { readonly name: string; readonly reason: string }[];
  } | null;
}

export interface TalosService {
  readonly id: string;
  /** As `Running`. */
  readonly state: string;
  readonly health: { readonly unknown: boolean; readonly healthy: boolean; readonly last_message: string } | null;
}

/** A node's clock beside that of its time server. */
export interface TalosTime {
  readonly server: string;
  /** Milliseconds that the node is ahead of the server; negative where it is behind. */
  readonly aheadMs: number;
}

/** How a node takes a config. */
export type ApplyMode = 'REBOOT' | 'AUTO' | 'NO_REBOOT' | 'STAGED' | 'TRY';

/** A call that failed. `code` is gRPC's name, as `UNAVAILABLE` or `UNIMPLEMENTED`. */
export class TalosError extends Error {
  override readonly name = 'TalosError';
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** Source: Talos, pkg/machinery/constants/constants.go, ApidPort. */
const API_PORT = 50_000;
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
/** Talos tries for five minutes to leave etcd while other members are away: internal/pkg/etcd. */
const LEAVE_MS = 300_000;
/** A snapshot has up to 8 GiB, etcd's largest quota: etcd.io, "System limits". */
const SNAPSHOT_MS = 3_600_000;
/** A node answers an upgrade when it has pulled the installer. */
const PULL_MS = 600_000;
/** Far below the 4 MiB that a message of gRPC may have. */
const CHUNK_BYTES = 65_536;

let loaded: PackageDefinition | undefined;

/** Everything in proto/; parsed once. */
const definitions = (): PackageDefinition => {
  loaded ??= loadSync(['machine.proto', 'time.proto', 'cosi.proto', 'runtime.proto'], {
    ...{ keepCase: true, longs: String, enums: String, defaults: true },
    includeDirs: [join(__dirname, 'proto')],
  });
  return loaded;
};

/** @param path as `/machine.MachineService/Version` */
const methodAt = (path: string): MethodDefinition<object, object> => {
  const [, service = '', name = ''] = path.split('/');
  const found = definitions()[service];
  const method = found === undefined || 'format' in found ? undefined : found[name];
  if (method === undefined) throw new Error(`no method ${path} in operations/talos/proto`);
  return method;
};

/** Bytes of a message by its full name, as `runtime.MachineStatusSpec`. */
const decoded = (name: string, bytes: Buffer): object =>
  (definitions()[name] as MessageTypeDefinition<object, object>).deserialize(bytes);

/** Not an address, which may not be a server name in TLS (RFC 6066, 3). What the certificate must hold is the address. */
const SERVER_NAME = 'talos';

interface Timestamp {
  readonly seconds: string;
  readonly nanos: number;
}
const milliseconds = ({ seconds, nanos }: Timestamp): number => Number(seconds) * 1000 + nanos / 1e6;

/** The machine API of each node, called directly and not through another node: a node that is cut off is seen to be. */
export class TalosClient {
  /** By address. grpc-js shares a connection between calls that have the very same credentials. */
  private readonly secured = new Map<string, ChannelCredentials>();

  /** @param limitMs of each call, 10 s by default; a connection is part of it */
  constructor(
    private readonly identity: TalosIdentity,
    private readonly limitMs = 10_000,
  ) {}

  /** Version of Talos, as `v1.13.9`. */
  async version(address: string): Promise<string> {
    const { version } = await this.first<{ readonly version: { readonly tag: string } }>(address, 'Version');
    return version.tag;
  }

  async services(address: string): Promise<readonly TalosService[]> {
    return (await this.first<{ readonly services: readonly TalosService[] }>(address, 'ServiceList')).services;
  }

  /** As this node's own member lists them. Control planes only. */
  async etcdMembers(address: string): Promise<readonly EtcdMember[]> {
    const request = { query_local: true };
    return (await this.first<{ readonly members: readonly EtcdMember[] }>(address, 'EtcdMemberList', request)).members;
  }

  /** Alarms of all members, as this node's own knows them. Control planes only. */
  async etcdAlarms(address: string): Promise<readonly EtcdAlarm[]> {
    const { member_alarms } = await this.first<{ readonly member_alarms: readonly EtcdAlarm[] }>(
      address,
      'EtcdAlarmList',
    );
    return member_alarms;
  }

  /** Resource `MachineStatuses.runtime.talos.dev`. */
  async status(address: string): Promise<TalosStatus> {
    const request = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
    const { resource } = (await this.call(address, 'Get', request, 'cosi.resource.State')) as {
      readonly resource: { readonly spec: { readonly proto_spec: Buffer } | null } | null;
    };
    return decoded('runtime.MachineStatusSpec', resource?.spec?.proto_spec ?? Buffer.alloc(0)) as TalosStatus;
  }

  /** The node asks its first time server and waits for the answer. */
  async time(address: string): Promise<TalosTime> {
    const answer = await this.first<{
      readonly server: string;
      readonly localtime: Timestamp | null;
      readonly remotetime: Timestamp | null;
    }>(address, 'Time', {}, 'time.TimeService');
    const { server, localtime, remotetime } = answer;
    if (localtime === null || remotetime === null) throw new Error(`Time at ${address}: the reply has no times`);
    return { server, aheadMs: Math.round(milliseconds(localtime) - milliseconds(remotetime)) };
  }

  /**
   * The node's own member hands etcd's leadership to another one, where it has it.
   * @returns the host name of the new leader; empty where this member was none
   */
  async etcdForfeitLeadership(address: string): Promise<string> {
    return (await this.first<{ readonly member: string }>(address, 'EtcdForfeitLeadership')).member;
  }

  /** The node's own member leaves etcd for good. */
  async etcdLeave(address: string): Promise<void> {
    await this.call(address, 'EtcdLeaveCluster', {}, 'machine.MachineService', LEAVE_MS);
  }

  /** Takes a member out that can't do so itself; `id` as `etcdMembers` gives it. */
  async etcdRemoveMember(address: string, id: string): Promise<void> {
    await this.call(address, 'EtcdRemoveMemberByID', { member_id: id });
  }

  /** The member's data, with their SHA-256 behind them. @throws TalosError with the node's own words */
  async *etcdSnapshot(address: string): AsyncGenerator<Buffer> {
    const { client, definition } = this.connect(address, '/machine.MachineService/EtcdSnapshot');
    try {
      const call = client.makeServerStreamRequest(
        definition.path,
        (message: object) => definition.requestSerialize(message),
        (bytes) => definition.responseDeserialize(bytes) as { readonly bytes: Buffer },
        {},
        { deadline: Date.now() + SNAPSHOT_MS },
      );
      for await (const { bytes } of call as AsyncIterable<{ readonly bytes: Buffer }>) yield bytes;
    } catch (error) {
      throw refusal(address, 'EtcdSnapshot', error as ServiceError);
    } finally {
      client.close();
    }
  }

  /** Leaves a snapshot with a node, for a `bootstrapFromSnapshot`. @throws TalosError with the node's own words */
  async etcdRecover(address: string, snapshot: AsyncIterable<Buffer>): Promise<void> {
    const { client, definition } = this.connect(address, '/machine.MachineService/EtcdRecover');
    let call: ClientWritableStream<object> | undefined;
    const answered = new Promise<void>((resolve, reject) => {
      call = client.makeClientStreamRequest(
        definition.path,
        (message: object) => definition.requestSerialize(message),
        (bytes) => definition.responseDeserialize(bytes),
        { deadline: Date.now() + SNAPSHOT_MS },
        (fault: ServiceError | null) => (fault === null ? resolve() : reject(refusal(address, 'EtcdRecover', fault))),
      );
    });
    const send = async (): Promise<void> => {
      for await (const part of snapshot)
        for (let at = 0; at < part.length; at += CHUNK_BYTES)
          if (call?.write({ bytes: part.subarray(at, at + CHUNK_BYTES) }) === false) await once(call, 'drain');
      call?.end();
    };
    // Who reads no more has answered: what is not sent then is of no interest.
    await Promise.all([answered, send()]).finally(() => {
      call?.cancel();
      client.close();
    });
  }

  /** etcd begins anew on a node that waits for it, as the only member, with the snapshot that `etcdRecover` has left. */
  async bootstrapFromSnapshot(address: string): Promise<void> {
    await this.call(address, 'Bootstrap', { recover_etcd: true }, 'machine.MachineService', LEAVE_MS);
  }

  /**
   * Wipes what a node keeps in EPHEMERAL, etcd's data among it, and restarts it with its config; etcd is not asked.
   * Resolves when the node has taken the order.
   */
  async wipeData(address: string): Promise<void> {
    const partitions = [{ label: 'EPHEMERAL', wipe: true }];
    await this.call(address, 'Reset', { reboot: true, system_partitions_to_wipe: partitions });
  }

  /** Resolves when the node has taken the order, not when it is up again. */
  async reboot(address: string): Promise<void> {
    await this.call(address, 'Reboot');
  }

  /**
   * Another Talos from an installer image, which the node pulls, and a restart; its data stay. Resolves when the node has
   * taken the order, not when it is up again.
   */
  async upgrade(address: string, image: string): Promise<void> {
    await this.call(address, 'Upgrade', { image }, 'machine.MachineService', PULL_MS);
  }

  /**
   * Hands a running node a config. `STAGED` is for the next restart; `AUTO` with `dryRun` tells by its answer, `REBOOT` or
   * `NO_REBOOT`, whether the change needs one, and changes nothing.
   * @param config YAML, with all the cluster's keys
   * @returns the mode that the node takes it by
   */
  async applyConfiguration(
    address: string,
    config: string,
    mode: 'AUTO' | 'STAGED',
    dryRun = false,
  ): Promise<ApplyMode> {
    const request = { data: Buffer.from(config), mode, dry_run: dryRun };
    return (await this.first<{ readonly mode: ApplyMode }>(address, 'ApplyConfiguration', request)).mode;
  }

  /** Another one after each boot. */
  async bootId(address: string): Promise<string> {
    const chunks = await this.stream<{ readonly bytes: Buffer }>(address, 'Read', { path: BOOT_ID });
    return Buffer.concat(chunks.map(({ bytes }) => bytes))
      .toString('utf8')
      .trim();
  }

  /**
   * Wipes the node's config, keys and data, and switches it off. It takes its leave of nobody: drain it before, and take
   * it out of etcd. Resolves when the node has taken the order.
   */
  async reset(address: string): Promise<void> {
    const labels = ['STATE', 'EPHEMERAL'];
    await this.call(address, 'Reset', { system_partitions_to_wipe: labels.map((label) => ({ label, wipe: true })) });
  }

  /** Resolves when the node has taken the order. */
  async shutdown(address: string): Promise<void> {
    await this.call(address, 'Shutdown');
  }

  private credentialsFor(address: string): ChannelCredentials {
    const known = this.secured.get(address);
    if (known !== undefined) return known;
    const { ca, certificate, key } = this.identity;
    const secure = credentials.createSsl(ca, key, certificate, {
      checkServerIdentity: (_name, served) => checkServerIdentity(address, served),
    });
    this.secured.set(address, secure);
    return secure;
  }

  /** All messages of a stream that the node ends. @throws TalosError with the node's own words */
  private stream<Message>(address: string, method: string, request: object): Promise<readonly Message[]> {
    const { client, definition } = this.connect(address, `/machine.MachineService/${method}`);
    return new Promise<readonly Message[]>((resolve, reject) => {
      const messages: Message[] = [];
      client
        .makeServerStreamRequest(
          definition.path,
          (message: object) => definition.requestSerialize(message),
          (bytes) => definition.responseDeserialize(bytes),
          request,
          { deadline: Date.now() + this.limitMs },
        )
        .on('data', (message: Message) => messages.push(message))
        .on('end', () => resolve(messages))
        .on('error', (fault: ServiceError) => reject(refusal(address, method, fault)));
    }).finally(() => client.close());
  }

  private async first<Message>(address: string, method: string, request?: object, service?: string): Promise<Message> {
    const { messages } = (await this.call(address, method, request, service)) as { readonly messages?: Message[] };
    const [message] = messages ?? [];
    if (message === undefined) throw new Error(`${method} at ${address}: the reply is empty`);
    return message;
  }

  /** @throws TalosError with the node's own words */
  private call(
    address: string,
    method: string,
    request = {},
    service = 'machine.MachineService',
    limitMs = this.limitMs,
  ): Promise<object> {
    const { client, definition } = this.connect(address, `/${service}/${method}`);
    return new Promise<object>((resolve, reject) => {
      client.makeUnaryRequest(
        definition.path,
        (message: object) => definition.requestSerialize(message),
        (bytes) => definition.responseDeserialize(bytes),
        request,
        { deadline: Date.now() + limitMs },
        (fault: ServiceError | null, reply?: object) =>
          fault === null ? resolve(reply ?? {}) : reject(refusal(address, method, fault)),
      );
    }).finally(() => client.close());
  }

  /** A connection of its own for one call. */
  private connect(
    address: string,
    path: string,
  ): { readonly client: Client; readonly definition: MethodDefinition<object, object> } {
    const definition = methodAt(path);
    const client = new Client(`${address}:${API_PORT}`, this.credentialsFor(address), {
      'grpc.enable_http_proxy': 0,
      'grpc.ssl_target_name_override': SERVER_NAME,
    });
    return { client, definition };
  }
}

const refusal = (address: string, method: string, { code, details }: ServiceError): TalosError =>
  new TalosError(`Talos API at ${address}:${API_PORT}, ${method}: ${codes[code]} ${details}`, codes[code]);
