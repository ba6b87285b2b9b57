/** Major version of Proxmox VE. */
export type ProxmoxMajor = 8 | 9;

/** A kind of object in Proxmox' access control list. */
export type Place =
  | 'image-storage'
  | 'disk-storage'
  | 'host'
  | 'virtual-machines'
  | 'machine-tags'
  | 'bridge'
  | 'pool'
  | 'pci-mapping'
  | 'data-centre';

/** What makes a privilege necessary; `always` is every deploy. */
export type Cause =
  'always' | 'cloud-init' | 'move' | 'pool' | 'new-pool' | 'ha' | 'pci' | 'agent-wait' | 'start-order';

/** One privilege that Terraform's token needs, and why. */
export interface PrivilegeNeed {
  readonly place: Place;
  readonly privilege: string;
  readonly cause: Cause;
  /** The call that is refused without it. */
  readonly endpoint: string;
  /** First major version that knows it. @default - all */
  readonly since?: ProxmoxMajor;
  /** Last major version that knows it. @default - all */
  readonly until?: ProxmoxMajor;
}

const DOWNLOAD = 'POST /nodes/{node}/storage/{storage}/download-url';
const CREATE = 'POST /nodes/{node}/qemu';
const MOVE = 'POST /nodes/{node}/qemu/{vmid}/migrate';

/**
 * The one table of privileges: docs/BOOTSTRAP.md shows it, preflight may look for them, and the lab's token has
 * no others (a test holds that). Rows of cause `always` are taken away one by one, against the simulated Proxmox, in
 * __tests__/lab/proxmox/least-privilege.test.ts; the other rows are from the sources alone so far.
 * Sources: `permissions` in Proxmox VE's API schema, and check_vm_modify_config_perm in qemu-server src/PVE/API2/Qemu.pm.
 */
export const PRIVILEGE_NEEDS: readonly PrivilegeNeed[] = [
  { place: 'image-storage', privilege: 'Datastore.AllocateTemplate', cause: 'always', endpoint: DOWNLOAD },
  {
    ...{ place: 'image-storage', privilege: 'Datastore.Allocate', cause: 'always' },
    endpoint: 'DELETE /nodes/{node}/storage/{storage}/content/{volume}',
  },
  {
    ...{ place: 'image-storage', privilege: 'Datastore.Audit', cause: 'always' },
    endpoint: 'GET /nodes/{node}/storage/{storage}/status',
  },
  { place: 'disk-storage', privilege: 'Datastore.AllocateSpace', cause: 'always', endpoint: CREATE },
  {
    ...{ place: 'disk-storage', privilege: 'Datastore.Audit', cause: 'always' },
    endpoint: 'GET /nodes/{node}/storage/{storage}/status',
  },
  {
    ...{ place: 'host', privilege: 'Sys.AccessNetwork', cause: 'always' },
    endpoint: 'GET /nodes/{node}/query-url-metadata',
  },
  { place: 'virtual-machines', privilege: 'VM.Allocate', cause: 'always', endpoint: CREATE },
  {
    ...{ place: 'virtual-machines', privilege: 'VM.Audit', cause: 'always' },
    endpoint: 'GET /nodes/{node}/qemu/{vmid}/config',
  },
  {
    ...{ place: 'virtual-machines', privilege: 'VM.PowerMgmt', cause: 'always' },
    endpoint: 'POST /nodes/{node}/qemu/{vmid}/status/start',
  },
  { place: 'virtual-machines', privilege: 'VM.Config.CPU', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.Disk', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.HWType', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.Memory', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.Network', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.Options', cause: 'always', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.CDROM', cause: 'cloud-init', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Config.Cloudinit', cause: 'cloud-init', endpoint: CREATE },
  { place: 'virtual-machines', privilege: 'VM.Migrate', cause: 'move', endpoint: MOVE },
  {
    ...{ place: 'virtual-machines', privilege: 'VM.Monitor', cause: 'agent-wait', until: 8 },
    endpoint: 'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces',
  },
  {
    ...{ place: 'virtual-machines', privilege: 'VM.GuestAgent.Audit', cause: 'agent-wait', since: 9 },
    endpoint: 'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces',
  },
  { place: 'bridge', privilege: 'SDN.Use', cause: 'always', endpoint: CREATE },
  // Proxmox checks the tags of a new VM at /vms/<id> before the VM is in its pool, so that the pool's privileges don't
  // count: assert_tag_permissions, which create_vm in Qemu.pm calls ahead of add_vm_to_pool.
  { place: 'machine-tags', privilege: 'VM.Config.Options', cause: 'pool', endpoint: CREATE },
  { place: 'pool', privilege: 'Pool.Audit', cause: 'pool', endpoint: 'GET /pools/{poolid}' },
  { place: 'pool', privilege: 'Pool.Allocate', cause: 'new-pool', endpoint: 'POST /pools' },
  { place: 'pci-mapping', privilege: 'Mapping.Use', cause: 'pci', endpoint: CREATE },
  { place: 'data-centre', privilege: 'Sys.Audit', cause: 'ha', endpoint: 'GET /cluster/ha/resources/{sid}' },
  // The provider asks before each move whether the HA manager has the VM.
  { place: 'data-centre', privilege: 'Sys.Audit', cause: 'move', endpoint: 'GET /cluster/ha/resources/{sid}' },
  { place: 'data-centre', privilege: 'Sys.Console', cause: 'ha', endpoint: 'POST /cluster/ha/resources' },
  { place: 'data-centre', privilege: 'Sys.Modify', cause: 'start-order', endpoint: CREATE },
];

/** Names of the roles that docs/BOOTSTRAP.md makes. Proxmox keeps names that start with PVE for itself. */
export const ROLES: Readonly<Record<Place, string>> = {
  'image-storage': 'GroundworkImages',
  'disk-storage': 'GroundworkDisks',
  host: 'GroundworkHost',
  'virtual-machines': 'GroundworkMachines',
  'machine-tags': 'GroundworkTags',
  bridge: 'GroundworkBridge',
  pool: 'GroundworkPool',
  'pci-mapping': 'GroundworkDevices',
  'data-centre': 'GroundworkDataCentre',
};

/** Where a cluster's objects are in Proxmox. */
export interface Places {
  readonly imageStorages: readonly string[];
  readonly diskStorages: readonly string[];
  readonly hosts: readonly string[];
  /** As `vmbr0`, or `vmbr0/20` for a VLAN of it. */
  readonly bridges: readonly string[];
  /** Pools that the VMs are in; with one, privileges on VMs hold there, and on /vms that of their tags alone. @default - none */
  readonly pools?: readonly string[];
  /** Names of PCI resource mappings. @default - none */
  readonly pciMappings?: readonly string[];
  /** Causes beyond those that the places imply: `cloud-init`, `ha`, `new-pool`, `agent-wait`, `start-order`. */
  readonly causes?: readonly Cause[];
}

/** What one path grants. */
export interface Grant {
  readonly path: string;
  readonly place: Place;
  readonly role: string;
  /** Sorted. */
  readonly privileges: readonly string[];
}

/** Privileges at a kind of place for given causes, sorted, as far as this version knows them. */
export const privilegesAt = (place: Place, causes: readonly Cause[], major: ProxmoxMajor): string[] =>
  [
    ...new Set(
      PRIVILEGE_NEEDS.filter((need) => need.place === place && causes.includes(need.cause))
        .filter(({ since = 8, until = 9 }) => since <= major && major <= until)
        .map(({ privilege }) => privilege),
    ),
  ].sort();

/** The access control list of a cluster's token: what its deploy and destroy need, and no more. */
export const grantsFor = (places: Places, major: ProxmoxMajor): Grant[] => {
  const { pools = [], pciMappings = [] } = places;
  const causes: readonly Cause[] = [
    'always',
    ...(places.hosts.length > 1 ? (['move'] as const) : []),
    ...(pools.length > 0 ? (['pool'] as const) : []),
    ...(pciMappings.length > 0 ? (['pci'] as const) : []),
    ...(places.causes ?? []),
  ];
  const paths: readonly (readonly [Place, readonly string[]])[] = [
    ['image-storage', places.imageStorages.map((name) => `/storage/${name}`)],
    ['disk-storage', places.diskStorages.map((name) => `/storage/${name}`)],
    ['host', places.hosts.map((name) => `/nodes/${name}`)],
    ['virtual-machines', pools.length === 0 ? ['/vms'] : pools.map((name) => `/pool/${name}`)],
    ['machine-tags', ['/vms']],
    ['pool', pools.map((name) => `/pool/${name}`)],
    ['bridge', places.bridges.map((name) => `/sdn/zones/localnetwork/${name}`)],
    ['pci-mapping', pciMappings.map((name) => `/mapping/pci/${name}`)],
    ['data-centre', ['/']],
  ];
  return paths
    .flatMap(([place, list]) =>
      list.map((path) => ({ path, place, role: ROLES[place], privileges: privilegesAt(place, causes, major) })),
    )
    .filter(({ privileges }) => privileges.length > 0);
};
