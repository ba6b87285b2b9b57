import { Hagroup } from '@cdktf/provider-proxmox/lib/hagroup';
import { Haresource } from '@cdktf/provider-proxmox/lib/haresource';
import { Harule } from '@cdktf/provider-proxmox/lib/harule';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { NodePlan, ProxmoxPlan } from '../model/cluster-plan';

export interface HighAvailabilityProps {
  readonly node: NodePlan;
  readonly proxmox: ProxmoxPlan;
  readonly vm: ITerraformDependable;
}

/**
 * Tells Proxmox to start a VM elsewhere when its host fails. It prefers the planned host and does not go back to it by
 * itself: that would be a migration at a time that nobody chose. A rule or group of its own for each node, since a
 * resource may be in one node-affinity rule only, and a move would pass through being in two.
 */
export class HighAvailability extends Construct {
  constructor(scope: Construct, id: string, { node, proxmox, vm }: HighAvailabilityProps) {
    super(scope, id);
    const name = `${proxmox.tag}-${node.name}`;
    const resourceId = `vm:${node.vmId}`;
    const nodes = { [node.host]: 1 };
    if (proxmox.highAvailability === 'groups') {
      const group = new Hagroup(this, 'Group', { group: name, nodes, noFailback: true });
      new Haresource(this, 'Resource', { resourceId, state: 'started', group: group.group, dependsOn: [vm] });
      return;
    }
    const resource = new Haresource(this, 'Resource', {
      resourceId,
      state: 'started',
      failback: false,
      dependsOn: [vm],
    });
    new Harule(this, 'Rule', {
      rule: name,
      type: 'node-affinity',
      resources: [resource.resourceId],
      nodes,
    });
  }
}
