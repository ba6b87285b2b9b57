import { createHash } from 'node:crypto';
import type { Taint } from '../control-plane/machine-config';

/** What the Node object says of a machine. */
export interface NodeFacts {
  readonly name: string;
  /** InternalIP. */
  readonly address: string;
  /** With leading `v`. */
  readonly talosVersion: string;
  /** Without leading `v`. */
  readonly kubernetesVersion: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly uuid: string;
  /** @default 'amd64' */
  readonly architecture?: 'amd64' | 'arm64';
  readonly isControlPlane: boolean;
  readonly registerWithTaints: readonly Taint[];
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * Node as the kubelet registers it; Talos adds labels and taints afterwards. It is born with its status: without
 * a Ready condition the controller manager would take the not-ready taint away for a moment.
 */
export const newNode = (facts: NodeFacts, now: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: facts.name,
    labels: {
      'beta.kubernetes.io/arch': facts.architecture ?? 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': facts.architecture ?? 'amd64',
      'kubernetes.io/hostname': facts.name,
      'kubernetes.io/os': 'linux',
    },
    annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
  },
  spec: facts.registerWithTaints.length === 0 ? {} : { taints: facts.registerWithTaints },
  status: {
    ...nodeStatus(facts),
    conditions: nodeConditions(false).map((condition) => ({
      ...condition,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    })),
  },
});

/** Talos reserves this for itself (constants KubeletSystemReserved…), and the kubelet keeps 100 MiB from eviction. */
const RESERVED = { cpuMilli: 50, controlPlaneMiB: 512, workerMiB: 384, evictionMiB: 100 };

/** Everything of the status but its conditions. */
export const nodeStatus = (facts: NodeFacts): object => {
  const reservedMiB = (facts.isControlPlane ? RESERVED.controlPlaneMiB : RESERVED.workerMiB) + RESERVED.evictionMiB;
  const common = { 'ephemeral-storage': '40Gi', 'hugepages-2Mi': '0', pods: '110' };
  return {
    addresses: [
      { type: 'InternalIP', address: facts.address },
      { type: 'Hostname', address: facts.name },
    ],
    capacity: { ...common, cpu: String(facts.cores), memory: `${facts.memoryMiB * 1024}Ki` },
    allocatable: {
      ...common,
      cpu: `${facts.cores * 1000 - RESERVED.cpuMilli}m`,
      memory: `${(facts.memoryMiB - reservedMiB) * 1024}Ki`,
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: facts.architecture ?? 'amd64',
      bootID: facts.uuid,
      containerRuntimeVersion: 'containerd://2.2.4',
      kernelVersion: '6.18.32-talos',
      kubeProxyVersion: '',
      kubeletVersion: `v${facts.kubernetesVersion}`,
      machineID: createHash('md5').update(facts.uuid).digest('hex'),
      operatingSystem: 'linux',
      osImage: `Talos (${facts.talosVersion})`,
      systemUUID: facts.uuid,
    },
  };
};

const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady ' +
  'message:Network plugin returns error: cni plugin not initialized';

/** Conditions in the order and words of the kubelet (pkg/kubelet/nodestatus/setters.go). */
export const nodeConditions = (isNetworkReady: boolean): Condition[] => [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  isNetworkReady
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: NETWORK_NOT_READY },
];
