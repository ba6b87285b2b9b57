import type { Machine } from '../machine';
import { definitions, timestamp } from './definitions';
import { mountedPartitions } from './machine-methods';

/** A resource of the machine's state, as COSI names it. */
export interface Resource {
  readonly id: string;
  /** Counts the changes, from 1. */
  readonly version: number;
  /** Bytes of its spec, and the same for people to read. */
  readonly spec: Buffer;
  readonly yaml: string;
}

export interface ResourceType {
  readonly namespace: string;
  /** True: for admins only. */
  readonly sensitive: boolean;
  readonly list: (machine: Machine) => readonly Resource[];
}

const resource = (id: string, message: string, spec: object, yaml: string, version = 1): Resource => ({
  id,
  version,
  spec: definitions().encode(`specs.${message}`, spec),
  yaml,
});

/** Talos stores the phase of a volume as a number: 6 is `ready` (pkg/machinery/resources/block, VolumePhase). */
const VOLUME_READY = 6;

const machineStatus = ({ status }: Machine): readonly Resource[] => {
  const ready = status.unmet.length === 0;
  const spec = { stage: status.stageNumber, status: { ready, unmet_conditions: status.unmet } };
  return [
    resource(
      'machine',
      'MachineStatusSpec',
      spec,
      `stage: ${status.stage.toLowerCase()}\nstatus:\n    ready: ${String(ready)}\n`,
      status.version,
    ),
  ];
};

const mounts = (machine: Machine): readonly Resource[] =>
  machine.config === undefined
    ? []
    : mountedPartitions(machine).map(({ label, source, target }) =>
        resource(
          label,
          'MountStatusSpec',
          { source, target, filesystem_type: 'xfs' },
          `source: ${source}\ntarget: ${target}\nfilesystemType: xfs\n`,
        ),
      );

const volumes = (machine: Machine): readonly Resource[] =>
  machine.config === undefined
    ? []
    : mountedPartitions(machine).map(({ label, source, bytes }) =>
        resource(
          label,
          'VolumeStatusSpec',
          { phase: VOLUME_READY, location: source, size: String(bytes) },
          `phase: ready\nlocation: ${source}\nsize: ${bytes}\n`,
        ),
      );

/** A ready pod, as google.protobuf.Struct. */
const READY_POD = {
  fields: {
    phase: { stringValue: 'Running' },
    conditions: {
      listValue: {
        values: [{ structValue: { fields: { type: { stringValue: 'Ready' }, status: { stringValue: 'True' } } } }],
      },
    },
  },
};

const staticPods = ({ services }: Machine): readonly Resource[] =>
  (services?.staticPods() ?? []).map((id) =>
    resource(id, 'StaticPodStatusSpec', { pod_status: READY_POD }, 'podStatus:\n    phase: Running\n'),
  );

const machineConfigs = ({ config }: Machine): readonly Resource[] =>
  config === undefined
    ? []
    : [resource('v1alpha1', 'MachineConfigSpec', { yaml_marshalled: Buffer.from(config.text) }, config.text)];

const bootstrapManifests = ({ config }: Machine): readonly Resource[] =>
  config?.type === 'controlplane'
    ? [resource('manifests', 'BootstrapManifestsConfigSpec', { cni_name: config.cni }, `cniName: ${config.cni}\n`)]
    : [];

/** The types that the lab's machines know, of the several hundred of Talos. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'MachineStatuses.runtime.talos.dev': { namespace: 'runtime', sensitive: false, list: machineStatus },
  'Diagnostics.runtime.talos.dev': { namespace: 'runtime', sensitive: false, list: () => [] },
  'MountStatuses.runtime.talos.dev': { namespace: 'runtime', sensitive: false, list: mounts },
  'VolumeStatuses.block.talos.dev': { namespace: 'runtime', sensitive: false, list: volumes },
  'StaticPodStatuses.kubernetes.talos.dev': { namespace: 'k8s', sensitive: false, list: staticPods },
  'MachineConfigs.config.talos.dev': { namespace: 'config', sensitive: true, list: machineConfigs },
  'BootstrapManifestsConfigs.kubernetes.talos.dev': {
    namespace: 'controlplane',
    sensitive: false,
    list: bootstrapManifests,
  },
};

/** A resource as it goes over the wire. */
export const encodeResource = (type: string, { id, version, spec, yaml }: Resource, at: Date): object => ({
  metadata: {
    ...{
      namespace: RESOURCE_TYPES[type]?.namespace ?? '',
      type,
      id,
      version: String(version),
      owner: '',
      phase: 'running',
    },
    ...{ created: timestamp(at), updated: timestamp(at) },
  },
  spec: { proto_spec: spec, yaml_spec: yaml },
});
