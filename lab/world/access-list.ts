import type { AclEntry } from '../proxmox/access/access-control';
import type { Site } from '../site/site';

const VM = ['VM.Allocate', 'VM.Audit', 'VM.PowerMgmt'];
const CONFIG = ['Disk', 'CPU', 'Memory', 'Network', 'HWType', 'Options'].map((part) => `VM.Config.${part}`);
const CLOUD_INIT = ['VM.Config.CDROM', 'VM.Config.Cloudinit'];

/**
 * What the token of a rehearsal may do: the privileges that docs/BOOTSTRAP.md asks for, and no more, so that a deploy
 * which needs another one fails here and not on hardware. The product's table is operations/proxmox/privileges.ts, which
 * the lab does not import: a test holds both equal. Sources: Proxmox VE's API schema, `permissions` of each call.
 */
export const accessList = ({ proxmox }: Site): readonly AclEntry[] => [
  ...proxmox.storages.map(({ name, content }) => ({
    path: `/storage/${name}`,
    role: [
      'Datastore.Audit',
      ...(content.includes('images') ? ['Datastore.AllocateSpace'] : []),
      // Allocate: to delete an image.
      ...(content.some((type) => type !== 'images') ? ['Datastore.AllocateTemplate', 'Datastore.Allocate'] : []),
    ],
  })),
  ...proxmox.hosts.map((host) => ({ path: `/nodes/${host}`, role: ['Sys.AccessNetwork'] })),
  ...(proxmox.pools.length === 0 ? ['/vms'] : proxmox.pools.map((pool) => `/pool/${pool}`)).map((path) => ({
    path,
    role: [
      ...VM,
      ...CONFIG,
      ...(proxmox.cloudInit === true ? CLOUD_INIT : []),
      // To another host: there must be one.
      ...(proxmox.hosts.length > 1 ? ['VM.Migrate'] : []),
      ...(path === '/vms' ? [] : ['Pool.Audit']),
    ],
  })),
  ...proxmox.pciMappings.map((mapping) => ({ path: `/mapping/pci/${mapping}`, role: ['Mapping.Use'] })),
  // Tags of a new VM are checked before it is in its pool.
  ...(proxmox.pools.length === 0 ? [] : [{ path: '/vms', role: ['VM.Config.Options'] }]),
  ...(proxmox.highAvailability || proxmox.hosts.length > 1
    ? [{ path: '/', role: ['Sys.Audit', ...(proxmox.highAvailability ? ['Sys.Console'] : [])] }]
    : []),
  ...(proxmox.startOrder === true ? [{ path: '/', role: ['Sys.Modify'] }] : []),
  ...proxmox.bridges.map((bridge) => ({ path: `/sdn/zones/localnetwork/${bridge}`, role: ['SDN.Use'] })),
];
