import { DataTalosMachineConfiguration } from '@cdktf/provider-talos/lib/data-talos-machine-configuration';
import { MachineConfigurationApply } from '@cdktf/provider-talos/lib/machine-configuration-apply';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';
import type { ExistingMachines } from '../proxmox-vm/existing-machines';
import { VirtualMachine } from '../proxmox-vm/virtual-machine';
import type { ClusterIdentity } from '../talos-cluster/cluster-identity';
import { applyMode } from '../talos-config/apply-mode';
import { machineConfigPatches } from '../talos-config/machine-config-patches';
import { appendedDocuments } from '../talos-config/appended-documents';
import { NodeDiskImage } from '../talos-image/node-disk-image';

export interface TalosNodeProps {
  readonly plan: ClusterPlan;
  readonly node: NodePlan;
  readonly identity: ClusterIdentity;
  /** VMs that are in Proxmox already. */
  readonly existing: ExistingMachines;
  /** Expression of the volume id of an image that is not this node's alone: its address comes by cloud-init. */
  readonly sharedImageId?: string;
  /** Terraform expression of a sensitive variable; given where there is `plan.tailscale`. */
  readonly tailscaleAuthKey?: string;
}

/** One node: its image, its VM, and its config applied. */
export class TalosNode extends Construct {
  /** Of its Talos API. */
  readonly address: string;
  /** The VM, running and without a config. */
  readonly created: ITerraformDependable;
  /** The applied config: the node is on its way to run, or runs. */
  readonly applied: ITerraformDependable;
  /** The same resource's Terraform address, for `replaceTriggeredBy`: cdktf 0.21 renders a dependable there as an expression, which Terraform refuses. */
  readonly appliedAddress: string;

  constructor(scope: Construct, id: string, props: TalosNodeProps) {
    super(scope, id);
    const { plan, node, identity, existing, sharedImageId, tailscaleAuthKey } = props;
    const address = node.address.toString();
    const vm = new VirtualMachine(this, 'Vm', {
      node,
      proxmox: plan.proxmox,
      existing,
      tpm: plan.talos.diskEncryption === 'tpm',
      imageId: sharedImageId ?? new NodeDiskImage(this, 'Image', { plan, node }).volumeId,
      ...(sharedImageId !== undefined && { cloudInit: plan.network }),
    });
    const config = new DataTalosMachineConfiguration(this, 'Config', {
      clusterName: plan.name,
      clusterEndpoint: plan.endpoint.url,
      machineType: node.role,
      machineSecrets: identity.machineSecrets,
      talosVersion: `v${plan.versions.talosContract}`,
      kubernetesVersion: plan.versions.kubernetes,
      // Patches belong here: with `config_patches` on the apply resource the provider would parse the whole document,
      // and refuse the kinds that are newer than itself.
      configPatches: machineConfigPatches(plan, node, tailscaleAuthKey),
      docs: false,
      examples: false,
    });
    const documents = appendedDocuments(plan, node);
    this.address = address;
    this.created = vm.created;
    const applied = new MachineConfigurationApply(this, 'Applied', {
      nodeAttribute: address,
      endpoint: address,
      clientConfiguration: identity.clientConfiguration,
      machineConfigurationInput: config.machineConfiguration + documents,
      applyMode: applyMode(plan.versions.talos),
      // The machine must be there; its address is known from the plan, so that nothing refers to it.
      dependsOn: [vm.created, ...identity.saved],
      // A machine made anew waits for its config, and the provider never looks again (docs/adr/0004).
      lifecycle: { replaceTriggeredBy: [vm.identity] },
    });
    this.applied = applied;
    this.appliedAddress = `${applied.terraformResourceType}.${applied.friendlyUniqueId}`;
  }
}
