import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { ProxmoxClient, proxmoxAccess } from '../proxmox/proxmox-client';
import { TalosClient } from '../talos/talos-client';
import type { Environment } from '../deployment/find-cluster';
import { existingAvailability, existingObjects, type StackJson } from './existing';
import type { Recorded } from './recorded';

/** What becomes Terraform's by `terraform import`. */
export interface Import {
  readonly kind: 'import';
  readonly address: string;
  readonly id: string;
  readonly fact: string;
}

/** Something that a deploy made and would stumble over, since the state does not know it. */
export type Leftover =
  | Import
  /** Helm's own record of a release, a Secret: without it Terraform installs the chart over what is there. */
  | { readonly kind: 'record'; readonly path: string; readonly fact: string };

const ETCD = 'talos_machine_bootstrap.bootstrap_etcd';

interface HelmRecord {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<'name' | 'status' | 'version', string>>;
  };
}

const bootstrapped = async (plan: ClusterPlan, { addresses, talos }: Recorded): Promise<readonly Leftover[]> => {
  const [first] = plan.nodes;
  if (addresses.has(ETCD) || talos === undefined || first === undefined) return [];
  const members = await new TalosClient(talos).etcdMembers(first.address.toString()).catch(() => []);
  if (members.length === 0) return [];
  const fact = `etcd of ${first.name} was bootstrapped, and must not be a second time`;
  return [{ kind: 'import', address: ETCD, id: 'machine_bootstrap', fact }];
};

/**
 * Records of releases that the state has not, and of an operation that was cut off: Helm refuses the name of the first, and
 * any operation beside the second. Source: helm.sh/helm pkg/action install.go availableName, upgrade.go prepareUpgrade.
 */
const releases = async (
  json: StackJson,
  { addresses }: Recorded,
  api: KubernetesClient,
): Promise<readonly Leftover[]> => {
  const planned = Object.entries(json.resource?.['helm_release'] ?? {});
  const { items } = await api.get<{ readonly items: readonly HelmRecord[] }>(
    '/api/v1/secrets?labelSelector=owner%3Dhelm',
  );
  return items.flatMap(({ metadata: { name, namespace, labels } }): Leftover[] => {
    const release = planned.find(([, body]) => body.name === labels.name)?.[0];
    if (release === undefined) return [];
    const known = addresses.has(`helm_release.${release}`);
    if (known && !labels.status.startsWith('pending-')) return [];
    const why = known ? `was cut off in ${labels.status}` : `is ${labels.status}, and the state does not know it`;
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    return [{ kind: 'record', path, fact: `release ${labels.name} (revision ${labels.version}) ${why}` }];
  });
};

/**
 * What the next deploy of a cluster would stumble over. Nothing is changed. VMs and images are none: a deploy goes on with
 * a VM that has the cluster's tag, and loads an image again.
 * @throws Error where the state has a kubeconfig, and the Kubernetes API does not answer
 */
export const leftovers = async (
  plan: ClusterPlan,
  json: StackJson,
  recorded: Recorded,
  environment: Environment,
): Promise<readonly Leftover[]> => {
  const { addresses } = recorded;
  const proxmox = (): ProxmoxClient => new ProxmoxClient(proxmoxAccess(plan.proxmox, environment));
  const available = plan.nodes.some(({ highAvailability }) => highAvailability)
    ? await existingAvailability(plan, addresses, proxmox())
    : [];
  const below = [...available, ...(await bootstrapped(plan, recorded))];
  if (recorded.kubernetes === undefined) return below;
  const api = new KubernetesClient(recorded.kubernetes);
  return [...below, ...(await existingObjects(json, addresses, api)), ...(await releases(json, recorded, api))];
};
