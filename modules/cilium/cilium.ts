import { Release } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { ClusterPlan } from '../model/cluster-plan';
import { ciliumValues } from './cilium-values';

export interface CiliumProps {
  readonly plan: ClusterPlan;
  /** Opened when the Kubernetes API answers. */
  readonly after: ITerraformDependable;
}

/** The cluster's network. Owned by Terraform alone: Flux runs on it, so Flux never touches it. */
export class Cilium extends Construct {
  readonly installed: ITerraformDependable;

  constructor(scope: Construct, id: string, { plan, after }: CiliumProps) {
    super(scope, id);
    this.installed = new Release(this, 'Resource', {
      name: 'cilium',
      namespace: 'kube-system',
      repository: plan.airGap?.charts ?? 'https://helm.cilium.io/',
      chart: 'cilium',
      version: plan.versions.cilium,
      values: [stringify(ciliumValues(plan), { lineWidth: 0 })],
      // Nodes become Ready by Cilium's agents: the gate on the nodes waits for just that, and looks more often than Helm.
      wait: false,
      dependsOn: [after],
    });
  }
}
