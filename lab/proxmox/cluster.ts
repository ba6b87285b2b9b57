import type { Clock } from '../durations/clock';
import type { Step } from '../durations/durations';
import type { Hypervisor } from '../hardware/hypervisor';
import type { AccessControl } from './access/access-control';
import type { Authentication } from './access/authentication';
import type { Fault, FaultName, Faults } from './faults';
import type { Guests } from './guest/guests';
import type { ApiSchema, Major } from './schema/schema';
import type { Parameters } from './schema/validate';
import type { ClusterState } from './state';
import type { RemoteFiles } from './storage/remote-files';
import type { Storages } from './storage/storages';
import type { Tasks, TaskType, Worker } from './tasks';

export interface Host {
  /** As `pve1`: the node name in every path. */
  readonly name: string;
  /** Address or name that its API can be had at. */
  readonly address: string;
  /** True: the API also listens there, beside the cluster's endpoint. @default false */
  readonly listen?: boolean;
  /** True: its processor is arm64. @default false */
  readonly arm64?: boolean;
  /** @default 16 */
  readonly cores?: number;
  /** @default 65536 */
  readonly memoryMiB?: number;
}

/** Everything that a call can reach. */
export interface Cluster {
  /** As `9.2.6`. */
  readonly version: string;
  readonly major: Major;
  readonly schema: ApiSchema;
  readonly hosts: readonly Host[];
  /** Names of hosts that do not answer. */
  readonly offline: ReadonlySet<string>;
  readonly bridges: readonly string[];
  /** Resource mappings of PCI devices, which every host has one of. */
  readonly pciMappings: readonly string[];
  readonly state: () => ClusterState;
  readonly access: AccessControl;
  readonly authentication: Authentication;
  readonly storages: Storages;
  readonly guests: Guests;
  readonly tasks: Tasks;
  readonly faults: Faults;
  readonly hypervisor: Hypervisor;
  readonly remote: RemoteFiles;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Buffer;
  /** SHA256 of the API's certificate, as `AA:BB:…`. */
  readonly fingerprint: string;
}

/** One call of the API, after its permissions and parameters have been checked. */
export interface Call {
  readonly cluster: Cluster;
  /** The host in the path, or else the one that was called. */
  readonly node: string;
  /** User, or token as `user@realm!name`. */
  readonly user: string;
  readonly parameters: Parameters;
  /** Starts the task of the endpoint, or one of another type; answers its UPID. */
  readonly fork: (id: string | number, work: (worker: Worker) => Promise<void> | void, type?: TaskType) => string;
  /** The fault of that name that hits this call. */
  readonly fault: (name: FaultName) => Fault | undefined;
}

/** A row of the endpoint table. Parameters and fixed privileges stand in Proxmox' own schema under method and path. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As `/nodes/{node}/qemu`. */
  readonly path: string;
  /** The task that it starts, and what that takes. */
  readonly task?: { readonly type: TaskType; readonly takes?: Step };
  /** Its result is `data` in the answer. */
  readonly effect: (call: Call) => unknown;
  /** Where the behaviour is from. */
  readonly source: string;
}

/** `vmid` of a call that has one in its path. */
export const vmidOf = ({ parameters }: Call): number => Number(parameters['vmid']);

/** A required parameter; the schema has checked that it is there. */
export const given = ({ parameters }: Call, name: string): string => parameters[name] ?? '';

export const flag = ({ parameters }: Call, name: string): boolean => parameters[name] === '1';
