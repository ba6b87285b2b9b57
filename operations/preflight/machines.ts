import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import { hasTag } from '../proxmox/tags';
import { fail, type Finding, pass, skip } from './finding';
import { look, heldAt, type GuestEntry, type HostEntry, type Look, type Reader } from './look';

const MIB = 1024 ** 2;

const isOurs = (guest: GuestEntry, { proxmox }: ClusterPlan): boolean =>
  guest.type === 'qemu' && hasTag(guest, proxmox.tag);

/** An id that no listed guest has: free where all guests are listed; else Proxmox says whether it would give it out. */
const checkUnlisted = async ({ vmId, vmName }: NodePlan, seesAll: boolean, reader: Reader): Promise<Finding> => {
  const free = pass('vm-ids', `${vmId} of ${vmName} is free`);
  if (seesAll) return free;
  const answer = await look(reader, '/cluster/nextid', { vmid: vmId });
  if ('data' in answer) return free;
  if (!answer.why.includes('already exists')) return skip('vm-ids', answer.why);
  const fact = `${vmId} of ${vmName} is taken by a guest that the token may not see`;
  return fail('vm-ids', fact, 'set firstVmId of the node pool to where ids are free');
};

/** Ids are free, or this cluster's own; VMs and containers share them. */
export const checkVmIds = async (
  plan: ClusterPlan,
  guests: Look<readonly GuestEntry[]>,
  reader: Reader,
): Promise<Finding[]> => {
  if ('why' in guests) return [skip('vm-ids', guests.why)];
  const held = await heldAt(reader, '/vms');
  const seesAll = 'data' in held && held.data['VM.Audit'] === 1;
  return Promise.all(
    plan.nodes.map(async (node) => {
      const { vmId, vmName } = node;
      const guest = guests.data.find(({ vmid }) => vmid === vmId);
      if (guest === undefined) return await checkUnlisted(node, seesAll, reader);
      if (isOurs(guest, plan)) return pass('vm-ids', `${vmId} of ${vmName} is this cluster's already`);
      const kind = guest.type === 'lxc' ? 'container' : 'VM';
      const fact = `${vmId} of ${vmName} is taken by ${kind} ${guest.name ?? vmId} on ${guest.node}, and is not this cluster's by tag ${plan.proxmox.tag}`;
      return fail('vm-ids', fact, 'set firstVmId of the node pool to where ids are free');
    }),
  );
};

/** Memory that is free now holds the VMs that do not run yet; those of this cluster that run have theirs. */
export const checkMemory = (
  plan: ClusterPlan,
  hosts: Look<readonly HostEntry[]>,
  guests: Look<readonly GuestEntry[]>,
): Finding[] => {
  if ('why' in hosts) return [skip('memory', hosts.why)];
  if ('why' in guests) return [skip('memory', guests.why)];
  const runs = ({ vmId }: NodePlan): boolean =>
    guests.data.some((guest) => guest.vmid === vmId && guest.status === 'running' && isOurs(guest, plan));
  return plan.proxmox.hosts.map((name) => {
    const host = hosts.data.find(({ node }) => node === name);
    if (host?.status !== 'online') return skip('memory', `${name} is not online`);
    if (host.maxmem === undefined || host.mem === undefined) {
      const fix = `give the token Sys.Audit on /nodes/${name}, which a deploy does not need`;
      return skip('memory', `the token may not see the memory of ${name}`, fix);
    }
    const planned = plan.nodes.filter((node) => node.host === name && !runs(node));
    const needed = planned.reduce((sum, { size }) => sum + size.memoryMiB, 0);
    const free = Math.floor((host.maxmem - host.mem) / MIB);
    const fact = `${name} has ${free} MiB free, ${planned.length} VMs to start need ${needed} MiB`;
    return needed <= free
      ? pass('memory', fact)
      : fail('memory', fact, `lower size.memoryMiB, or have fewer nodes on ${name}`);
  });
};
