import { kubeVipObjects } from '../../modules/kube-vip/kube-vip-manifest';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { unlikePlanned } from '../health/unlike-planned';
import type { KubernetesClient } from '../kubernetes/kubernetes-client';
import { objectPath, type NamedObject } from '../kubernetes/object-path';

/** What is to be done with one object, or was. */
export interface SyncStep {
  /** As `DaemonSet kube-system/kube-vip`. */
  readonly object: string;
  readonly action: 'none' | 'create' | 'change' | 'delete';
  /** Where it is not as planned, as `spec.replicas is 1, planned 2`; empty but for `change`. */
  readonly differences: readonly string[];
}

/**
 * As Talos makes them: by another name a field that the plan has no more would stay, as Talos'. Source: siderolabs/talos
 * v1.13.9, pkg/machinery/constants, KubernetesFieldManagerName.
 */
const MANAGER = 'talos';

type Api = Pick<KubernetesClient, 'find' | 'apply' | 'delete'>;

const titleOf = ({ kind, metadata }: NamedObject): string => `${kind} ${metadata.namespace}/${metadata.name}`;

interface Planned {
  readonly object: NamedObject;
  /** False: nothing of it may run, since Talos itself holds the VIP. */
  readonly wanted: boolean;
}

/**
 * Objects that the control planes' machine configs bring, as the plan has them; and those of kube-vip where Talos holds the
 * VIP now: it makes what is missing, changes nothing, and removes nothing (docs/adr/0005). Pods first where they go, what they
 * need first where they come.
 */
const planned = (plan: ClusterPlan): Planned[] => {
  const wanted = plan.endpoint.provider === 'kube-vip';
  const objects = kubeVipObjects(plan) as readonly NamedObject[];
  return (wanted ? objects : objects.toReversed()).map((object) => ({ object, wanted }));
};

const stepFor = async (api: Api, { object, wanted }: Planned): Promise<SyncStep> => {
  const found = await api.find<object>(objectPath(object));
  const step = (action: SyncStep['action'], different: readonly string[] = []): SyncStep => ({
    object: titleOf(object),
    action,
    differences: different,
  });
  if (!wanted) return step(found === undefined ? 'none' : 'delete');
  if (found === undefined) return step('create');
  const different = unlikePlanned(object, found);
  return different.length === 0 ? step('none') : step('change', different);
};

/** What differs from the plan; changes nothing. */
export const lookAtManifests = async (plan: ClusterPlan, api: Api): Promise<SyncStep[]> => {
  const steps: SyncStep[] = [];
  for (const one of planned(plan)) steps.push(await stepFor(api, one));
  return steps;
};

/**
 * Makes the running objects those of the plan, by server-side apply of the text that a new cluster would be given. An object
 * that is as planned is left alone.
 */
export const syncManifests = async (plan: ClusterPlan, api: Api): Promise<SyncStep[]> => {
  const steps: SyncStep[] = [];
  for (const one of planned(plan)) {
    const step = await stepFor(api, one);
    if (step.action === 'delete') await api.delete(objectPath(one.object));
    else if (step.action !== 'none') await api.apply(objectPath(one.object), one.object, MANAGER);
    steps.push(step);
  }
  return steps;
};
