import { z } from 'zod';
import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import type { GuestEntry, Reader } from '../preflight/look';
import { hasTag } from '../proxmox/tags';

/** What becomes of one planned resource that could be there already. */
export interface Adoption {
  /** As Terraform names it. */
  readonly address: string;
  /** `adopt`: it is there, and Terraform does not know it. `refuse`: so it is, and it is not this cluster's. */
  readonly fate: 'adopt' | 'refuse' | 'known' | 'absent';
  /** What the provider takes it by. */
  readonly id: string;
  readonly fact: string;
}

const State = z.object({
  values: z
    .object({
      root_module: z
        .object({ resources: z.array(z.object({ address: z.string() })).default([]) })
        .default({ resources: [] }),
    })
    .optional(),
});

/** Addresses in `terraform show -json` of a state; none where there is no state yet. */
export const addressesOf = (json: string): ReadonlySet<string> =>
  new Set(State.parse(JSON.parse(json)).values?.root_module.resources.map(({ address }) => address) ?? []);

const machine = (node: NodePlan, plan: ClusterPlan, guests: readonly GuestEntry[]): Omit<Adoption, 'address'> => {
  const guest = guests.find(({ vmid }) => vmid === node.vmId);
  if (guest === undefined) return { fate: 'absent', id: '', fact: `VM ${node.vmId} is not there` };
  const id = `${guest.node}/${guest.vmid}`;
  const who = `VM ${guest.vmid} (${guest.name ?? 'no name'}) on ${guest.node}`;
  const { tag } = plan.proxmox;
  if (guest.type !== 'qemu') return { fate: 'refuse', id, fact: `${guest.vmid} on ${guest.node} is a container` };
  return hasTag(guest, tag)
    ? { fate: 'adopt', id, fact: `${who} has tag ${tag}` }
    : { fate: 'refuse', id, fact: `${who} has not tag ${tag}: it is not this cluster's` };
};

/**
 * VMs of a cluster that are in Proxmox and not in the state: those with the cluster's tag are its own. Nothing is changed.
 * Images are left alone: the provider takes one in without its URL, and would make it anew (resource_download_file.go,
 * ImportState; `url` forces a replacement).
 * @throws Error where Proxmox can't be asked
 */
export const adoptions = async (
  plan: ClusterPlan,
  reader: Reader,
  known: ReadonlySet<string>,
): Promise<readonly Adoption[]> => {
  const guests = await reader.get<readonly GuestEntry[]>('/cluster/resources', { type: 'vm' });
  return plan.nodes.map((node) => {
    const address = `proxmox_virtual_environment_vm.${node.name}_vm`;
    return known.has(address)
      ? { address, fate: 'known', id: '', fact: 'Terraform has it' }
      : { address, ...machine(node, plan, guests) };
  });
};
