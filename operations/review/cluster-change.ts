import { configChange, type ConfigChange } from './config-change';
import { changedPaths, valueAt } from './changed-paths';
import { fateOf, type Fate, type ResourceChange, type TerraformPlan } from './terraform-plan';

/** What is planned for one node: its VM and its machine config. */
export interface NodeChange {
  /** As `controlplane0`. */
  readonly name: string;
  readonly controlPlane: boolean;
  readonly vm: ResourceChange;
  readonly fate: Fate;
  /** Attributes of the VM that change, as `memory.0.dedicated`. Empty where the VM is made or goes. */
  readonly vmPaths: readonly string[];
  /** The applied machine config; missing where none is planned. */
  readonly applied?: ResourceChange;
  /** Missing where it does not change, is made, or is known after the apply only. */
  readonly config?: ConfigChange;
}

/** A plan in the terms of a cluster. */
export interface ClusterChange {
  readonly nodes: readonly NodeChange[];
  /** Every managed resource that changes. */
  readonly changes: readonly ResourceChange[];
  /** The output `cluster_config` before and after: endpoint, networks, versions. Undefined where there is none. */
  readonly before: unknown;
  readonly after: unknown;
  /** Host names of etcd's members, where they were asked for. Undefined: unknown. */
  readonly etcdMembers?: readonly string[] | undefined;
}

const VM = 'proxmox_virtual_environment_vm';
const APPLIED = 'talos_machine_configuration_apply';
/** Attributes which the provider fills in from what it finds, or which say how it acts itself. */
const NOT_HARDWARE =
  /^(ipv[46]_addresses|mac_addresses|network_interface_names|id|timeout_|reboot|stop_on_destroy|migrate$|purge_|delete_unref|started)|\.(speed|path_in_datastore|mac_address|import_from)/;

const configText = ({ change: { before, after } }: ResourceChange): readonly [unknown, unknown] => [
  before?.['machine_configuration_input'],
  after?.['machine_configuration_input'],
];

const nodeChange = (vm: ResourceChange, resources: ReadonlyMap<string, ResourceChange>): NodeChange => {
  const name = vm.address.slice(VM.length + 1).replace(/_vm$/, '');
  const applied = resources.get(`${APPLIED}.${name}_applied`);
  const { before, after } = vm.change;
  const [old, young] = applied === undefined ? [] : configText(applied);
  const tags = (after ?? before)?.['tags'];
  const fate = fateOf(vm);
  return {
    name,
    controlPlane: Array.isArray(tags) && tags.includes('controlplane'),
    vm,
    fate,
    vmPaths: fate === 'update' ? changedPaths(before, after).filter((path) => !NOT_HARDWARE.test(path)) : [],
    ...(applied !== undefined && fateOf(applied) !== 'none' && { applied }),
    ...(typeof old === 'string' && typeof young === 'string' && old !== young && { config: configChange(old, young) }),
  };
};

export const clusterChange = (
  { resource_changes, output_changes }: TerraformPlan,
  etcdMembers?: readonly string[],
): ClusterChange => {
  const managed = resource_changes.filter(({ mode }) => mode === 'managed');
  const resources = new Map(managed.map((resource) => [resource.address, resource]));
  const config = output_changes['cluster_config'];
  return {
    nodes: managed.filter(({ type }) => type === VM).map((vm) => nodeChange(vm, resources)),
    changes: managed.filter((resource) => fateOf(resource) !== 'none'),
    before: config?.before,
    after: config?.after,
    etcdMembers,
  };
};

/** A value of the output `cluster_config` before and after, where both are known and differ. */
export const outputChange = ({ before, after }: ClusterChange, path: string): readonly [string, string] | undefined => {
  const [old, young] = [valueAt(before, path), valueAt(after, path)];
  return typeof old === 'string' && typeof young === 'string' && old !== young ? [old, young] : undefined;
};

/** True where the whole cluster is taken down. */
export const isTakedown = ({ nodes }: ClusterChange): boolean =>
  nodes.length > 0 && nodes.every(({ fate }) => fate === 'destroy');
