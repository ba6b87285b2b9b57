import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { TalosClient } from '../talos/talos-client';
import type { Recorded } from './recorded';

/** Something that a deploy made and would stumble over, since the state does not know it. */
export type Leftover =
  /** Becomes Terraform's by `terraform import`. */
  | { readonly kind: 'import'; readonly address: string; readonly id: string; readonly fact: string }
  /** Helm's own record of a release, a Secret: without it Terraform installs the chart over what is there. */
  | { readonly kind: 'record'; readonly path: string; readonly fact: string };

const ETCD = 'talos_machine_bootstrap.bootstrap_etcd';
const NAMESPACE = 'kubernetes_namespace.flux_namespace';

/** Of a stack's Terraform JSON, as far as it is looked at here. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, { readonly name?: string }>>>>;
}

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

const namespaces = async ({ addresses }: Recorded, api: KubernetesClient): Promise<readonly Leftover[]> => {
  if (addresses.has(NAMESPACE)) return [];
  const found = await api.find('/api/v1/namespaces/flux-system');
  if (found === undefined) return [];
  return [{ kind: 'import', address: NAMESPACE, id: 'flux-system', fact: 'namespace flux-system is there' }];
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
): Promise<readonly Leftover[]> => {
  const etcd = await bootstrapped(plan, recorded);
  if (recorded.kubernetes === undefined) return etcd;
  const api = new KubernetesClient(recorded.kubernetes);
  return [...etcd, ...(await namespaces(recorded, api)), ...(await releases(json, recorded, api))];
};
