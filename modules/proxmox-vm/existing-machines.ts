import { TerraformDataSource } from 'cdktf';
import { Construct } from 'constructs';
import type { NodePlan, ProxmoxPlan } from '../model/cluster-plan';

/** A condition that Terraform checks before it makes or changes something, and what it says where it does not hold. */
export interface Precondition {
  readonly condition: string;
  readonly errorMessage: string;
}

/**
 * The VMs that are in Proxmox now, as far as the token sees them. The provider takes a VM that has the id of one that is to
 * be made for its own, whoever made it: it asks twice, and reads "already exists" at the second time as done. That is
 * what makes an interrupted deploy go on, and what would hand somebody else's VM to this cluster.
 */
export class ExistingMachines extends Construct {
  private readonly list: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // By its type's name: it has no argument, and one attribute that is read.
    const machines = new TerraformDataSource(this, 'Resource', {
      terraformResourceType: 'proxmox_virtual_environment_vms',
      terraformGeneratorMetadata: { providerName: 'proxmox' },
    });
    this.list = `data.${machines.terraformResourceType}.${machines.friendlyUniqueId}.vms`;
  }

  /** A VM with the node's id is one of this cluster: it has the cluster's tag (T-10). */
  ownOrAbsent({ vmId, name }: NodePlan, { tag }: ProxmoxPlan): Precondition {
    return {
      condition: `\${alltrue([for vm in ${this.list} : try(contains(vm.tags, "${tag}"), false) if vm.vm_id == ${vmId}])}`,
      errorMessage: `VM ${vmId}, which is to be ${name}, is there already and has not the tag ${tag}: it is not this cluster's, and is left alone. Give the node another VM id, or remove that VM. If it is ${name} and lost its tag, add the tag in Proxmox.`,
    };
  }
}
