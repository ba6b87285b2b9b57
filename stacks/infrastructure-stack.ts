import { TerraformElement, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct, Node } from 'constructs';
import { Cilium } from '../modules/cilium/cilium';
import { Flux } from '../modules/flux/flux';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { ClusterProviders } from '../modules/providers/cluster-providers';
import { HardwareProviders } from '../modules/providers/hardware-providers';
import type { ProviderVersions } from '../modules/providers/provider-versions';
import { ExistingMachines } from '../modules/proxmox-vm/existing-machines';
import { ApiGate, NodesGate } from '../modules/readiness/gate';
import { ClusterBootstrap } from '../modules/talos-cluster/cluster-bootstrap';
import { ClusterIdentity } from '../modules/talos-cluster/cluster-identity';
import { SharedDiskImages } from '../modules/talos-image/shared-disk-images';
import { TalosNode } from '../modules/talos-node/talos-node';
import { addOutputs } from './outputs';
import { addStateBackend } from './state-backend';

export interface InfrastructureStackProps {
  readonly plan: ClusterPlan;
  readonly providerVersions: ProviderVersions;
  /** Folder of the state file, where the state is local; relative to the folder from which Terraform runs, `cdktf.out/stacks/<stack>`. */
  readonly stateDirectory: string;
}

/**
 * A cluster, from disk images to Flux. All that is planned per node runs side by side; what waits for what is said where
 * Terraform can't know it, by the construct that waits.
 */
export class InfrastructureStack extends TerraformStack {
  constructor(scope: Construct, { plan, providerVersions, stateDirectory }: InfrastructureStackProps) {
    super(scope, plan.stack);
    addStateBackend(this, plan, stateDirectory);
    new HardwareProviders(this, 'Hardware', { plan });
    const identity = new ClusterIdentity(this, 'Identity', { plan });
    const tailscale = this.tailscaleAuthKey(plan);
    const existing = new ExistingMachines(this, 'Machines');
    const images = plan.images.mode === 'shared' ? new SharedDiskImages(this, 'Images', { plan }) : undefined;
    const nodes = plan.nodes.map((node) => {
      const shared = images === undefined ? {} : { sharedImageId: images.volumeIdFor(node) };
      return new TalosNode(this, node.name, { plan, node, identity, existing, ...shared, ...tailscale });
    });
    const [first] = nodes;
    if (first === undefined) throw new Error(`plan of cluster "${plan.name}" has no nodes; report this`);

    const { admin, kubeconfig } = new ClusterBootstrap(this, 'Bootstrap', { identity, first });
    new ClusterProviders(this, 'Cluster', { admin });
    const controlPlanes = nodes.filter((_, index) => plan.nodes[index]?.role === 'controlplane');
    const api = new ApiGate(this, 'Api', { admin, endpoint: plan.endpoint, controlPlanes });
    const cilium = new Cilium(this, 'Cilium', { plan, after: api.opened });
    const ready = new NodesGate(this, 'Ready', {
      admin,
      nodes: plan.nodes,
      network: cilium.installed,
      configs: nodes,
    });
    new Flux(this, 'Flux', { plan, afterApi: api.opened, afterNodes: ready.opened });

    addOutputs(this, { plan, talosconfig: identity.talosconfig, kubeconfig, providerVersions });
    for (const [name, version] of Object.entries(providerVersions)) {
      this.addOverride(`terraform.required_providers.${name}.version`, version);
    }
  }

  /**
   * Has Terraform say so, at each plan and apply: cdktf shows what Terraform prints, and of a synth nothing. Terraform
   * asks that a condition refers to something; a workspace always has a name.
   * @param note without a final dot, which is added: Terraform asks for a sentence
   */
  warn(note: string): void {
    const assert = [{ condition: '${terraform.workspace == ""}', error_message: `${note}.` }];
    this.addOverride('check.last_deploy.assert', assert);
  }

  /**
   * Terraform addresses that read like the construct's path, as `proxmox_virtual_environment_vm.controlplane0_vm`, in
   * place of cdktf's hashes. No two are alike: neither node names nor construct ids hold an underscore.
   */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const { scopes } = element instanceof TerraformElement ? element.node : element;
    const id = scopes
      .slice(scopes.indexOf(this) + 1)
      .map((construct) => construct.node.id)
      .filter((part) => part !== 'Resource')
      .join('_')
      .toLowerCase();
    return /^\d/.test(id) ? `_${id}` : id;
  }

  /** The key that lets nodes into the tailnet: asked for at deploy, and only where it is used. */
  private tailscaleAuthKey(plan: ClusterPlan): { tailscaleAuthKey?: string } {
    if (plan.tailscale === undefined) return {};
    const variable = new TerraformVariable(this, 'tailscale_auth_key', {
      type: 'string',
      sensitive: true,
      description: 'Tailscale auth key or OAuth client secret; give it as TF_VAR_tailscale_auth_key',
    });
    return { tailscaleAuthKey: variable.stringValue };
  }
}
