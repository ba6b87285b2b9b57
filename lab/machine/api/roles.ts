/** Roles of the machine API: values of O in a client certificate. Source: pkg/machinery/role/role.go. */
export type Role =
  | 'os:admin'
  | 'os:operator'
  | 'os:reader'
  | 'os:etcd:backup'
  | 'os:impersonator'
  | 'os:meta:writer'
  | 'os:image:verifier';

const ROLES: ReadonlySet<string> = new Set<Role>([
  'os:admin',
  'os:operator',
  'os:reader',
  'os:etcd:backup',
  'os:impersonator',
  'os:meta:writer',
  'os:image:verifier',
]);

/** The known ones among `names`; unknown names give no role. */
export const parseRoles = (names: readonly string[]): ReadonlySet<Role> =>
  new Set(names.filter((name): name is Role => ROLES.has(name)));

const ADMIN: readonly Role[] = ['os:admin'];
const OPERATOR: readonly Role[] = [...ADMIN, 'os:operator'];
const READER: readonly Role[] = [...OPERATOR, 'os:reader'];
const ETCD_READER: readonly Role[] = [...READER, 'os:etcd:backup'];
const META: readonly Role[] = [...ADMIN, 'os:meta:writer'];

const rules = (prefix: string, allowed: readonly Role[], methods: string): (readonly [string, readonly Role[]])[] =>
  methods.split(' ').map((method) => [`/${prefix}/${method}`, allowed]);

/** Which roles may call what; any other method is for admins. Source: internal/app/machined/pkg/system/services/machined.go at v1.13.9. */
const RULES: ReadonlyMap<string, readonly Role[]> = new Map([
  // A reader may apply in maintenance only: apply-configuration.ts looks.
  ...rules('machine.MachineService', READER, 'ApplyConfiguration'),
  ...rules(
    'machine.MachineService',
    ADMIN,
    'Bootstrap Copy EtcdForfeitLeadership EtcdLeaveCluster EtcdRecover EtcdRemoveMemberByID EtcdDowngradeCancel EtcdDowngradeEnable EtcdDowngradeValidate',
  ),
  ...rules('machine.MachineService', ADMIN, 'GenerateClientConfiguration Kubeconfig Read Reset Rollback Upgrade'),
  ...rules(
    'machine.MachineService',
    OPERATOR,
    'EtcdAlarmDisarm EtcdDefragment ImagePull PacketCapture Reboot Restart ServiceRestart ServiceStart ServiceStop Shutdown',
  ),
  ...rules(
    'machine.MachineService',
    READER,
    'CPUInfo CPUFreqStats Containers DiskStats DiskUsage Dmesg Events Hostname ImageList List LoadAvg Logs LogsContainers Memory Mounts',
  ),
  ...rules(
    'machine.MachineService',
    READER,
    'NetworkDeviceStats Netstat Processes ServiceList Stats SystemStat Version',
  ),
  ...rules('machine.MachineService', ETCD_READER, 'EtcdAlarmList EtcdMemberList EtcdStatus'),
  ...rules('machine.MachineService', [...OPERATOR, 'os:etcd:backup'], 'EtcdSnapshot'),
  ...rules('machine.MachineService', META, 'MetaWrite MetaDelete'),
  ...rules('machine.LifecycleService', ADMIN, 'Install Upgrade'),
  ...rules('machine.ImageService', ADMIN, 'Import Remove'),
  ...rules('machine.ImageService', OPERATOR, 'Pull'),
  ...rules('machine.ImageService', READER, 'List Verify'),
  ...rules('storage.StorageService', READER, 'Disks BlockDeviceWipe'),
  ...rules('time.TimeService', READER, 'Time TimeCheck'),
  ...rules('cluster.ClusterService', READER, 'HealthCheck'),
  ...rules('inspect.InspectService', READER, 'ControllerRuntimeDependencies'),
  ...rules('cosi.resource.State', ADMIN, 'Create Destroy Update'),
  // Types of resources have rules of their own: resource-methods.ts.
  ...rules('cosi.resource.State', READER, 'Get List Watch'),
]);

/** Every method that Talos 1.13 has, whether or not the lab's machines answer it. */
export const METHOD_PATHS: readonly string[] = [...RULES.keys()];

/** True where one of `roles` may call `path`, as `/machine.MachineService/Version`. */
export const isAllowed = (path: string, roles: ReadonlySet<Role>): boolean =>
  (RULES.get(path) ?? ADMIN).some((role) => roles.has(role));
