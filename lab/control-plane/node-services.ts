import type { Readable } from 'node:stream';
import type { NodeFacts } from '../kubelet/node-object';

/** A service as Talos' ServiceList reports it. */
export interface NodeService {
  /** `apid`, `trustd`, `etcd`, `kubelet`, `cri`, `machined`, `udevd`. */
  readonly id: string;
  readonly state:
    'Initialized' | 'Preparing' | 'Waiting' | 'Running' | 'Stopping' | 'Finished' | 'Failed' | 'Skipped' | 'Starting';
  readonly health: { readonly unknown: boolean; readonly healthy: boolean; readonly message: string };
  /** Newest last. */
  readonly events: readonly { readonly message: string; readonly state: string; readonly at: Date }[];
}

export interface EtcdMember {
  /** Unsigned 64 bit. */
  readonly id: bigint;
  readonly hostname: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface EtcdAlarm {
  /** Unsigned 64 bit. */
  readonly memberId: bigint;
  readonly alarm: 'NOSPACE' | 'CORRUPT';
}

/** Thrown with the gRPC code that a node answers. */
export class NodeServiceError extends Error {
  constructor(
    readonly code:
      'FAILED_PRECONDITION' | 'ALREADY_EXISTS' | 'UNAVAILABLE' | 'NOT_FOUND' | 'UNIMPLEMENTED' | 'INTERNAL' | 'UNKNOWN',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Everything on a configured node below the machine API: etcd, the control-plane processes, the kubelet with
 * its pods, KubePrism. The machine API calls it; it calls nobody back but through the events of its services.
 */
export interface NodeServices {
  /** Starts what can start. A control plane then waits for `bootstrap`, or joins an etcd that it finds. */
  start(): Promise<void>;
  /** Stops every process; data stay on the disk. */
  stop(): Promise<void>;
  /**
   * Makes the first etcd member.
   * @throws NodeServiceError FAILED_PRECONDITION on a worker, ALREADY_EXISTS `etcd data directory is not empty`
   */
  bootstrap(options: { readonly recoverEtcd: boolean; readonly recoverSkipHashCheck: boolean }): Promise<void>;
  services(): readonly NodeService[];
  /** Admin kubeconfig for the cluster endpoint, certificate O=system:masters, valid one year. @throws NodeServiceError on a worker */
  kubeconfig(): string;
  etcdMembers(options: { readonly queryLocal: boolean }): Promise<readonly EtcdMember[]>;
  /** Alarms of all members, as this node's own knows them. */
  etcdAlarms(): Promise<readonly EtcdAlarm[]>;
  /** Hands leadership to another member. @returns its host name; empty where this node's own was no leader */
  etcdForfeitLeadership(): Promise<string>;
  etcdLeave(): Promise<void>;
  etcdRemoveMember(id: bigint): Promise<void>;
  etcdSnapshot(): Promise<Readable>;
  /** Static pods by id, as `kube-system/kube-apiserver-controlplane0`, for StaticPodStatuses. */
  staticPods(): readonly string[];
  /**
   * Takes a config that was applied without a reboot: restarts what it changes.
   * @default - services keep their settings until the machine restarts
   */
  reconfigure?(config: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What a node is, once its machine config has been accepted. */
export interface NodeServicesInput {
  /** The `v1alpha1` document, parsed. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Address on eth0, without mask. */
  readonly address: string;
  /** Folders on the disk that survive a reboot. */
  readonly statePath: string;
  readonly ephemeralPath: string;
  /** One log file per process is written here. */
  readonly logPath: string;
  /** Absolute paths by name: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, kube-vip. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Talos version of the image, with leading `v`. */
  readonly talosVersion: string;
  /** Addresses of control planes that discovery has found; empty where discovery is off. */
  readonly discovered: () => readonly string[];
  /**
   * Puts an address that control planes share on the machine's interface, or takes it away: Talos' own VIP.
   * @default - the node stands for no election
   */
  readonly holdAddress?: (address: string, held: boolean) => Promise<void>;
  readonly log: (line: string) => void;
  /**
   * Host name from the image's network config. `machine.network.hostname` wins over it.
   * @default - the machine config must name the host
   */
  readonly hostname?: string;
  /**
   * What the VM is made of, for the Node object.
   * @default - 2 cores, 2048 MiB, a UUID derived from the host name
   */
  readonly hardware?: Pick<NodeFacts, 'cores' | 'memoryMiB' | 'uuid' | 'architecture'>;
}
