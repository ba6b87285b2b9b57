import { stringify } from 'yaml';
import { vipPatch } from '../kube-vip/vip-patch';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';
import { controlPlane } from './control-plane';
import { everyNode } from './every-node';
import { hostSettings } from './host-settings';
import { nodeFeatures } from './node-features';
import { tailscaleService } from './tailscale';
import { mergedPatches } from './user-patches';

/**
 * What a node's machine config says beyond Talos' defaults: strategic-merge patches as YAML, in the order in which they
 * are merged. They hold v1alpha1 and the kinds of Talos 1.9 only, since a provider reads nothing newer in a patch than
 * the Talos that it was built with.
 *
 * @param tailscaleAuthKey Terraform expression; given where there is `plan.tailscale`
 */
export const machineConfigPatches = (plan: ClusterPlan, node: NodePlan, tailscaleAuthKey?: string): string[] =>
  [
    everyNode(plan, node),
    ...(node.role === 'controlplane' ? [controlPlane(plan), vipPatch(plan)] : []),
    ...hostSettings(plan),
    ...nodeFeatures(node),
    ...(plan.tailscale === undefined || tailscaleAuthKey === undefined
      ? []
      : [tailscaleService(plan.tailscale, node, tailscaleAuthKey)]),
    ...mergedPatches(node),
  ].map((patch) => stringify(patch, { lineWidth: 0 }));
