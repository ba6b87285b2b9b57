import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { KubernetesClient } from '../kubernetes/kubernetes-client';
import type { ProxmoxClient } from '../proxmox/proxmox-client';
import type { Import } from './leftovers';

/** Of a stack's Terraform JSON, as far as it is looked at here. */
export interface StackJson {
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, PlannedResource>>>>;
}

interface PlannedResource {
  /** Of a Helm release. */
  readonly name?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** A Kubernetes object as the stack plans it. */
interface PlannedObject {
  readonly address: string;
  readonly kind: 'namespace' | 'secret';
  readonly name: string;
  /** Empty: it is in none. */
  readonly namespace: string;
}

const REFERENCE = /^\$\{kubernetes_namespace\.([\w-]+)\.metadata/;

/** Namespaces before what is in them. A namespace may be written as a reference to the resource that makes it. */
const plannedObjects = ({ resource = {} }: StackJson): readonly PlannedObject[] => {
  const namespaces = Object.entries(resource['kubernetes_namespace'] ?? {});
  const nameOf = (text = ''): string => {
    const made = REFERENCE.exec(text)?.[1];
    return made === undefined ? text : (resource['kubernetes_namespace']?.[made]?.metadata?.name ?? '');
  };
  return [
    ...namespaces.map(([id, { metadata }]) => ({
      ...{ address: `kubernetes_namespace.${id}`, kind: 'namespace' as const },
      ...{ name: metadata?.name ?? '', namespace: '' },
    })),
    ...Object.entries(resource['kubernetes_secret'] ?? {}).map(([id, { metadata }]) => ({
      ...{ address: `kubernetes_secret.${id}`, kind: 'secret' as const },
      ...{ name: metadata?.name ?? '', namespace: nameOf(metadata?.namespace) },
    })),
  ];
};

/** Namespaces and Secrets that are there and not in the state: the API refuses to make them a second time. */
export const existingObjects = async (
  json: StackJson,
  addresses: ReadonlySet<string>,
  api: KubernetesClient,
): Promise<readonly Import[]> => {
  const found: Import[] = [];
  for (const { address, kind, name, namespace } of plannedObjects(json)) {
    if (addresses.has(address)) continue;
    const path =
      kind === 'namespace' ? `/api/v1/namespaces/${name}` : `/api/v1/namespaces/${namespace}/secrets/${name}`;
    if ((await api.find(path)) === undefined) continue;
    const id = kind === 'namespace' ? name : `${namespace}/${name}`;
    found.push({ kind: 'import', address, id, fact: `${kind} ${id} is there` });
  }
  return found;
};

interface HaEntry {
  readonly sid?: string;
  readonly group?: string;
  readonly rule?: string;
}

/**
 * What Proxmox has been told of high availability, and the state does not know: Proxmox refuses the same name twice. Only what
 * the plan names by the cluster's tag, and a resource whose VM is in the state: somebody else's VM of the same id is not.
 */
export const existingAvailability = async (
  { nodes, proxmox }: ClusterPlan,
  addresses: ReadonlySet<string>,
  api: ProxmoxClient,
): Promise<readonly Import[]> => {
  const available = nodes.filter(({ highAvailability }) => highAvailability);
  const groups = proxmox.highAvailability === 'groups';
  const list = async (path: string): Promise<readonly HaEntry[]> =>
    (await api.get<readonly HaEntry[] | null>(`/cluster/ha/${path}`)) ?? [];
  const [resources, places] = await Promise.all([list('resources'), list(groups ? 'groups' : 'rules')]);
  return available.flatMap((node): Import[] => {
    const [sid, name] = [`vm:${node.vmId}`, `${proxmox.tag}-${node.name}`];
    const own = addresses.has(`proxmox_virtual_environment_vm.${node.name}_vm`);
    const planned = [
      {
        ...{ address: `proxmox_haresource.${node.name}_vm_highavailability`, id: sid },
        there: own && resources.some((entry) => entry.sid === sid),
      },
      {
        address: groups
          ? `proxmox_hagroup.${node.name}_vm_highavailability_group`
          : `proxmox_harule.${node.name}_vm_highavailability_rule`,
        ...{ id: name, there: places.some((entry) => (groups ? entry.group : entry.rule) === name) },
      },
    ];
    return planned
      .filter(({ address, there }) => there && !addresses.has(address))
      .map(({ address, id }) => ({ kind: 'import', address, id, fact: `Proxmox keeps ${id} available` }));
  });
};
