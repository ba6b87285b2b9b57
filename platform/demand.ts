import type { ClusterPlan } from '../modules/model/cluster-plan';
import { perNodeOf } from './kinds/helm';
import { podNodesOf } from './kinds/replicas';
import type { Manifest, SourcedStage } from './stage';

/** Processor in thousandths of a core, memory in MiB. */
interface Amount {
  readonly cpu: number;
  readonly memory: number;
}

/** What the pods of a stage ask for together. */
export interface Demand extends Amount {
  readonly stage: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Memory of a node that Kubernetes does not hand out, in MiB: what Talos keeps (constants KubeletSystemReservedMemory… of its
 * machinery, 1.13), and the 100 below which a kubelet evicts pods.
 */
const RESERVED_MEMORY = { controlplane: 512 + 100, worker: 384 + 100 } as const;
/** The same of a processor: KubeletSystemReservedCPU. */
const RESERVED_CPU = 50;

const MIB: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024 };
const cpuOf = (text: string): number => (text.endsWith('m') ? Number(text.slice(0, -1)) : 1000 * Number(text));
const memoryOf = (text: string): number => Number(text.slice(0, -2)) * (MIB[text.slice(-2)] ?? NaN);

const times = (count: number, { cpu, memory }: Amount): Amount => ({ cpu: count * cpu, memory: count * memory });
const sum = (amounts: readonly Amount[]): Amount =>
  amounts.reduce((one, { cpu, memory }) => ({ cpu: one.cpu + cpu, memory: one.memory + memory }), {
    cpu: 0,
    memory: 0,
  });

const requestsIn = (fields: Fields): Amount | undefined => {
  const { resources } = fields;
  const requests = isFields(resources) ? resources['requests'] : undefined;
  if (!isFields(requests)) return undefined;
  return { cpu: cpuOf(String(requests['cpu'])), memory: memoryOf(String(requests['memory'])) };
};

/** How often a part of a chart runs, as the values beside its resources say. */
const countIn = (fields: Fields): number => {
  const { replicas, replicaCount, ha } = fields;
  const given = replicas ?? replicaCount ?? (isFields(ha) ? ha['replicas'] : undefined);
  return typeof given === 'number' ? given : 1;
};

const inValues = (fields: Fields, path: string, perNode: readonly string[], nodes: number): Amount[] => {
  const requests = requestsIn(fields);
  const count = perNode.includes(path) ? nodes : countIn(fields);
  const below = Object.entries(fields).flatMap(([name, value]) =>
    isFields(value) ? inValues(value, path === '' ? name : `${path}.${name}`, perNode, nodes) : [],
  );
  return requests === undefined ? below : [times(count, requests), ...below];
};

const ofManifest = (manifest: Manifest, nodes: number): Amount => {
  const { spec } = manifest.toJSON() as { readonly spec?: Fields };
  if (spec === undefined) return sum([]);
  if (manifest.kind === 'HelmRelease') {
    return sum(inValues((spec['values'] ?? {}) as Fields, '', perNodeOf(manifest), nodes));
  }
  if (manifest.kind === 'Cluster') return times(spec['instances'] as number, requestsIn(spec) ?? sum([]));
  if (manifest.kind !== 'Deployment' && manifest.kind !== 'StatefulSet') return sum([]);
  const { replicas, template } = spec as { replicas: number; template: { spec: { containers: Fields[] } } };
  return times(replicas, sum(template.spec.containers.map((container) => requestsIn(container) ?? sum([]))));
};

/** What runs there before the platform: six controllers of the chart flux2, and the two pods of CoreDNS that Talos starts. */
const BEFORE: Demand = { stage: 'flux, CoreDNS', cpu: 6 * 100 + 2 * 100, memory: 6 * 64 + 2 * 70 };

/** What each stage asks for. Parts of charts whose resources are left to the chart are not in it. */
const demandOf = (plan: ClusterPlan, stages: readonly SourcedStage[]): Demand[] =>
  [
    BEFORE,
    ...stages.map(({ name, manifests }) => ({
      stage: name,
      ...sum(manifests.map((manifest) => ofManifest(manifest, podNodesOf(plan).length))),
    })),
  ].filter(({ memory }) => memory > 0);

/** What there is for pods on all nodes that run them. */
const capacityOf = (plan: ClusterPlan): Amount =>
  sum(
    podNodesOf(plan).map(({ role, size: { cores, memoryMiB } }) => ({
      cpu: 1000 * cores - RESERVED_CPU,
      memory: memoryMiB - RESERVED_MEMORY[role],
    })),
  );

const cores = (cpu: number): string => `${(cpu / 1000).toFixed(2)} cores`;

/** What is asked for beyond what is there, as a sentence; undefined where all of it fits. */
export const shortage = (plan: ClusterPlan, stages: readonly SourcedStage[]): string | undefined => {
  const [asked, there] = [sum(demandOf(plan, stages)), capacityOf(plan)];
  if (asked.cpu <= there.cpu && asked.memory <= there.memory) return undefined;
  const nodes = podNodesOf(plan);
  return (
    `the platform asks for ${cores(asked.cpu)} and ${asked.memory} MiB of memory, and ${nodes.length} nodes for pods have ` +
    `${cores(there.cpu)} and ${there.memory} MiB: some pods will wait for ever; add workers, give them more, or take ` +
    'applications out'
  );
};

/** A row for each stage, their sum, and what there is. */
export const demandAndCapacity = (plan: ClusterPlan, stages: readonly SourcedStage[]): Demand[] => {
  const rows = demandOf(plan, stages);
  return [...rows, { stage: 'all stages', ...sum(rows) }, { stage: 'nodes for pods', ...capacityOf(plan) }];
};

/** As text: `vault	0.05 cores	128 MiB`. */
export const demandRow = ({ stage, cpu, memory }: Demand): string => `${stage}\t${cores(cpu)}\t${memory} MiB`;
