import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { grantsFor, type Cause, type Grant, type Places, type ProxmoxMajor } from '../proxmox/privileges';
import { diskStoragesOf } from './equipment';
import { fail, type Finding, pass, skip } from './finding';
import { heldAt, type Reader } from './look';

const checkGrant = async ({ path, role, privileges }: Grant, reader: Reader): Promise<Finding> => {
  const held = await heldAt(reader, path);
  if ('why' in held) return skip('privileges', held.why);
  // VMs stand below /vms: what does not hold below it is of no use there.
  const holds = (privilege: string): boolean =>
    path === '/vms' ? held.data[privilege] === 1 : held.data[privilege] !== undefined;
  const missing = privileges.filter((privilege) => !holds(privilege));
  if (missing.length === 0) return pass('privileges', `the token has all it needs on ${path}`);
  return fail(
    'privileges',
    `the token has not on ${path}: ${missing.join(', ')}`,
    `give its user, and the token itself unless it has privsep=0, role ${role} on ${path}, as docs/BOOTSTRAP.md does`,
  );
};

const placesOf = (plan: ClusterPlan): Places => {
  const { nodes, proxmox } = plan;
  const causes: readonly (readonly [Cause, boolean])[] = [
    ['cloud-init', plan.images.mode === 'shared'],
    ['ha', nodes.some(({ highAvailability }) => highAvailability)],
    ['start-order', nodes.some(({ startOrder }) => startOrder !== undefined)],
  ];
  const cards = nodes.flatMap(({ networkCards }) => networkCards);
  return {
    imageStorages: [proxmox.imageStorage],
    diskStorages: diskStoragesOf(plan),
    hosts: proxmox.hosts,
    bridges: [...new Set(cards.map(({ bridge, vlan }) => (vlan === undefined ? bridge : `${bridge}/${vlan}`)))],
    pools: proxmox.pool === undefined ? [] : [proxmox.pool],
    pciMappings: [...new Set(nodes.flatMap(({ pciDevices }) => pciDevices))],
    causes: causes.flatMap(([cause, holds]) => (holds ? [cause] : [])),
  };
};

/** The token may do at every path what a deploy does there. */
export const checkPrivileges = (
  plan: ClusterPlan,
  major: ProxmoxMajor,
  reader: Reader,
): Promise<readonly Finding[]> => {
  return Promise.all(grantsFor(placesOf(plan), major).map((grant) => checkGrant(grant, reader)));
};
