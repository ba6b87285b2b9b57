import type { AclEntry } from '../../../lab/proxmox/access/access-control';
import type { ProxmoxOptions } from '../../../lab/proxmox/proxmox';
import { formatIssues } from '../../../modules/model/issue';
import { loadCluster } from '../../../modules/model/load-cluster';
import { report } from '../../../operations/preflight/finding';
import type { Reader } from '../../../operations/preflight/look';
import { preflight } from '../../../operations/preflight/preflight';
import { ProxmoxClient } from '../../../operations/proxmox/proxmox-client';
import { memoryFactory } from '../../lab/proxmox/images';
import { validSpec, type SpecFields } from '../../fixtures/valid-spec';
import {
  dataCentre,
  DEPLOY_TOKEN,
  LEAST_PRIVILEGES,
  ROOT_TOKEN,
  token,
  type DataCentre,
} from '../../lab/proxmox/data-centre';

interface Situation {
  readonly options?: Partial<ProxmoxOptions>;
  readonly spec?: SpecFields;
  readonly credential?: string;
  /** Answers that the simulator does not give. */
  readonly says?: Readonly<Record<string, unknown>>;
  /** This machine's clock, in ms since 1970. */
  readonly now?: number;
  /** Other fields of the spec. */
  readonly fields?: SpecFields;
  readonly before?: (centre: DataCentre) => Promise<unknown>;
}

const at = async ({
  options,
  spec,
  credential = ROOT_TOKEN,
  says = {},
  fields,
  now,
  before,
}: Situation): Promise<string> => {
  const centre = await dataCentre(options);
  try {
    await before?.(centre);
    const { plan, issues } = loadCluster(
      validSpec({ ...fields, proxmox: { endpoint: 'https://atlas:8006/', hosts: ['pve1'], ...spec } }),
      Object.fromEntries(NODES.map((name) => [name, 'pve1'])),
    );
    if (plan === undefined) throw new Error(formatIssues(issues));
    const client = new ProxmoxClient({ endpoint: centre.proxmox.url, token: credential, insecure: true });
    // The simulator has no such call; the real one asks for Sys.Audit.
    const time = { time: Date.now() / 1000 };
    const clocks = credential === ROOT_TOKEN ? { '/nodes/pve1/time': time, '/nodes/pve2/time': time } : {};
    const answers: Readonly<Record<string, unknown>> = { ...clocks, ...says };
    const reader: Reader = {
      get: <Data>(path: string, query?: Record<string, string | number>) =>
        path in answers ? Promise.resolve(answers[path] as Data) : client.get<Data>(path, query),
    };
    if (now !== undefined) jest.spyOn(Date, 'now').mockReturnValue(now);
    return report(await preflight(plan, reader), false);
  } finally {
    jest.restoreAllMocks();
    await centre.close();
  }
};

const NODES = ['controlplane0', 'controlplane1', 'controlplane2', 'worker0', 'worker1'] as const;

const EXTRAS: SpecFields = {
  nodePools: {
    worker: {
      startOrder: 2,
      pciDevices: ['gpu'],
      disks: { data: { slot: 1, sizeGiB: 20, storage: 'nas' } },
      networkCards: [{ bridge: 'vmbr1', vlan: 20 }],
    },
  },
};

/** The second line of a finding on privileges. */
const grantFix = (role: string, path: string): string =>
  `                     fix: give its user, and the token itself unless it has privsep=0, role ${role} on ${path}, as docs/BOOTSTRAP.md does`;

/** What the least token may not look at, and a deploy does not need. */
const NOT_SEEN = `SKIP  memory         the token may not see the memory of pve1
                     fix: give the token Sys.Audit on /nodes/pve1, which a deploy does not need
SKIP  clock          the token may not see the time of pve1
                     fix: give the token Sys.Audit on /nodes/pve1, which a deploy does not need`;

/** What is not good, as it is printed. */
const defects = async (situation: Situation): Promise<string> => {
  const lines = (await at(situation)).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('PASS')).join('\n');
};

const acl = (change: (entry: AclEntry) => AclEntry): Partial<ProxmoxOptions> => {
  const entries = LEAST_PRIVILEGES.map(change);
  return {
    tokens: [token(ROOT_TOKEN, undefined), token(DEPLOY_TOKEN, entries)],
    users: [{ id: 'groundwork@pve', acl: LEAST_PRIVILEGES }],
  };
};

const without = (path: string, ...privileges: readonly string[]): Partial<ProxmoxOptions> =>
  acl((entry) =>
    entry.path === path
      ? { ...entry, role: (entry.role as readonly string[]).filter((name) => !privileges.includes(name)) }
      : entry,
  );

const storage = (type: 'dir' | 'lvmthin', name: string, content: readonly string[]) =>
  ({ name, type, content, shared: false, path: `/nonexistent/${name}`, sizeBytes: 1024 ** 4 }) as const;

describe('preflight', () => {
  test('a Proxmox that is ready passes every check', async () => {
    expect(await at({})).toBe(`PASS  api            the API answers to the token
PASS  version        Proxmox VE is 9.2.6
PASS  hosts          pve1 is online
PASS  image-factory  pve1 reaches https://factory.talos.dev
PASS  image-storage  local on pve1 is of type dir and has content type import
PASS  disk-storage   local-lvm on pve1 is of type lvmthin and has content type images
PASS  bridge         pve1 has bridge vmbr0
PASS  vm-ids         1500 of talos-controlplane0 is free
PASS  vm-ids         1501 of talos-controlplane1 is free
PASS  vm-ids         1502 of talos-controlplane2 is free
PASS  vm-ids         2000 of talos-worker0 is free
PASS  vm-ids         2001 of talos-worker1 is free
PASS  privileges     the token has all it needs on /storage/local
PASS  privileges     the token has all it needs on /storage/local-lvm
PASS  privileges     the token has all it needs on /nodes/pve1
PASS  privileges     the token has all it needs on /vms
PASS  privileges     the token has all it needs on /sdn/zones/localnetwork/vmbr0
PASS  memory         pve1 has 65536 MiB free, 5 VMs to start need 20480 MiB
PASS  clock          pve1 and this machine differ by 60 s at most
`);
  });

  test('the least token passes too, but for memory and clock, which it may not see', async () => {
    expect(await defects({ credential: DEPLOY_TOKEN })).toBe(NOT_SEEN);
  });

  test('a token that Proxmox does not know: nothing else is said to be good', async () => {
    expect(await at({ credential: 'a@pve!b=c' })).toMatch(
      /^FAIL {2}api {12}GET \/version: HTTP 401 \S.*\n {21}fix: PROXMOX_VE_API_TOKEN must be a token that Proxmox knows: docs\/BOOTSTRAP.md makes one\n(SKIP {2}\S+ +the API cannot be asked\n){10}$/,
    );
  });

  test.each<readonly [string, Situation, string]>([
    [
      'a Proxmox that is too old',
      { says: { '/version': { version: '8.3.5' } } },
      `FAIL  version        Proxmox VE is 8.3.5
                     fix: upgrade it to 8.4 or newer`,
    ],
    [
      'a host that does not exist',
      { spec: { hosts: ['pve1', 'pve7'] } },
      `FAIL  hosts          Proxmox has no host pve7
                     fix: name one of these in proxmox.hosts: pve1, pve2
SKIP  image-factory  pve7 is not online
SKIP  image-storage  pve7 is not online
SKIP  disk-storage   pve7 is not online
SKIP  bridge         pve7 is not online
SKIP  memory         pve7 is not online
SKIP  clock          pve7 is not online`,
    ],
    [
      'a host that is offline',
      {
        spec: { hosts: ['pve1', 'pve2'] },
        before: ({ proxmox }) => {
          proxmox.setOnline('pve2', false);
          return Promise.resolve();
        },
      },
      `FAIL  hosts          pve2 is offline
                     fix: start pve2, or take it out of proxmox.hosts
SKIP  image-factory  pve2 is not online
SKIP  image-storage  pve2 is not online
SKIP  disk-storage   pve2 is not online
SKIP  bridge         pve2 is not online
SKIP  memory         pve2 is not online
SKIP  clock          pve2 is not online`,
    ],
    [
      'an Image Factory that does not answer',
      {
        fields: { images: { factory: 'http://factory.example:8080' } },
        options: {
          remote: {
            ...memoryFactory(),
            head: () =>
              Promise.resolve({
                status: 500,
                reason: "Can't connect to factory.example:8080 (Connection refused)",
                headers: {},
              }),
          },
        },
      },
      `FAIL  image-factory  pve1 gets no answer from http://factory.example:8080: 500 Can't connect to factory.example:8080 (Connection refused)
                     fix: Proxmox downloads disk images itself: images.factory or airGap.factory must be a URL that it reaches, with a certificate that it knows unless images.insecure is true`,
    ],
    [
      'an Image Factory that the token may not make a host ask',
      { credential: DEPLOY_TOKEN, options: without('/nodes/pve1', 'Sys.AccessNetwork') },
      `SKIP  image-factory  the token may not make pve1 ask https://factory.talos.dev
                     fix: see privileges on /nodes/pve1
FAIL  privileges     the token has not on /nodes/pve1: Sys.AccessNetwork
${grantFix('GroundworkHost', '/nodes/pve1')}
${NOT_SEEN}`,
    ],
    [
      'an image storage that does not exist',
      { spec: { imageStorage: 'images' } },
      `FAIL  image-storage  pve1 has no storage images
                     fix: name one that it has in proxmox.imageStorage`,
    ],
    [
      'an image storage without content type import',
      { options: { storages: [storage('dir', 'local', ['iso']), storage('lvmthin', 'local-lvm', ['images'])] } },
      `FAIL  image-storage  local on pve1 has no content type import
                     fix: pvesm set local --content import,iso`,
    ],
    [
      'an image storage that holds no files',
      { spec: { imageStorage: 'local-lvm' } },
      `FAIL  image-storage  local-lvm on pve1 is of type lvmthin, which holds no files
                     fix: name a storage of one of these types in proxmox.imageStorage: btrfs, cephfs, cifs, dir, glusterfs, nfs`,
    ],
    [
      'a disk storage that does not exist',
      { spec: { diskStorage: 'fast' } },
      `FAIL  disk-storage   pve1 has no storage fast
                     fix: name one that it has in proxmox.diskStorage`,
    ],
    [
      'a disk storage without content type images',
      { options: { storages: [storage('dir', 'local', ['import']), storage('lvmthin', 'local-lvm', ['rootdir'])] } },
      `FAIL  disk-storage   local-lvm on pve1 has no content type images
                     fix: pvesm set local-lvm --content images,rootdir`,
    ],
    [
      'a bridge that does not exist',
      { spec: { bridge: 'vmbr9' } },
      `FAIL  bridge         pve1 has no bridge vmbr9
                     fix: make it there, or name another in the spec`,
    ],
    [
      'an id that another VM has',
      { before: ({ must }) => must('POST', '/nodes/pve2/qemu', { vmid: '1501', name: 'mail' }) },
      `FAIL  vm-ids         1501 of talos-controlplane1 is taken by VM mail on pve2, and is not this cluster's by tag groundwork-infrastructure
                     fix: set firstVmId of the node pool to where ids are free`,
    ],
    [
      "no id that is the own cluster's",
      {
        before: ({ must }) =>
          must('POST', '/nodes/pve1/qemu', { vmid: '1501', tags: 'controlplane;groundwork-infrastructure' }),
      },
      '',
    ],
    [
      'an id of a VM that the token may not see',
      {
        options: without('/vms', 'VM.Audit'),
        credential: DEPLOY_TOKEN,
        before: ({ must }) => must('POST', '/nodes/pve2/qemu', { vmid: '1501', name: 'mail' }),
      },
      `FAIL  vm-ids         1501 of talos-controlplane1 is taken by a guest that the token may not see
                     fix: set firstVmId of the node pool to where ids are free
FAIL  privileges     the token has not on /vms: VM.Audit
${grantFix('GroundworkMachines', '/vms')}
${NOT_SEEN}`,
    ],
    [
      'privileges that do not hold for the VMs below /vms',
      {
        options: acl((entry) =>
          entry.path === '/vms' ? { ...entry, role: ['VM.Audit', 'VM.Allocate'], propagate: false } : entry,
        ),
        credential: DEPLOY_TOKEN,
      },
      `FAIL  privileges     the token has not on /vms: VM.Allocate, VM.Audit, VM.Config.CPU, VM.Config.Disk, VM.Config.HWType, VM.Config.Memory, VM.Config.Network, VM.Config.Options, VM.PowerMgmt
${grantFix('GroundworkMachines', '/vms')}
${NOT_SEEN}`,
    ],
    [
      'a storage and a bridge that the token may not see',
      {
        options: acl((entry) => (/local-lvm|vmbr0/.test(entry.path) ? { ...entry, role: [] } : entry)),
        credential: DEPLOY_TOKEN,
      },
      `SKIP  disk-storage   the token may not see local-lvm on pve1
                     fix: give the token Datastore.Audit on /storage/local-lvm
SKIP  bridge         the token may not see bridge vmbr0 of pve1
                     fix: give the token SDN.Use on /sdn/zones/localnetwork/vmbr0
FAIL  privileges     the token has not on /storage/local-lvm: Datastore.AllocateSpace, Datastore.Audit
${grantFix('GroundworkDisks', '/storage/local-lvm')}
FAIL  privileges     the token has not on /sdn/zones/localnetwork/vmbr0: SDN.Use
${grantFix('GroundworkBridge', '/sdn/zones/localnetwork/vmbr0')}
${NOT_SEEN}`,
    ],
    [
      'a container that has an id',
      {
        says: {
          '/cluster/resources': [
            {
              type: 'lxc',
              vmid: 2001,
              node: 'pve1',
              name: 'dns',
              status: 'running',
              tags: 'a;groundwork-infrastructure-2',
            },
          ],
        },
      },
      `FAIL  vm-ids         2001 of talos-worker1 is taken by container dns on pve1, and is not this cluster's by tag groundwork-infrastructure
                     fix: set firstVmId of the node pool to where ids are free`,
    ],
    [
      'privileges of a pool, on the pool and not on /vms',
      { spec: { pool: 'talos' }, credential: DEPLOY_TOKEN },
      `FAIL  privileges     the token has not on /pool/talos: VM.Allocate, VM.Audit, VM.Config.CPU, VM.Config.Disk, VM.Config.HWType, VM.Config.Memory, VM.Config.Network, VM.Config.Options, VM.PowerMgmt
${grantFix('GroundworkMachines', '/pool/talos')}
FAIL  privileges     the token has not on /pool/talos: Pool.Audit
${grantFix('GroundworkPool', '/pool/talos')}
${NOT_SEEN}`,
    ],
    [
      'too little memory',
      { options: { hosts: [{ name: 'pve1', address: '127.0.0.1', memoryMiB: 16384 }] } },
      `FAIL  memory         pve1 has 16384 MiB free, 5 VMs to start need 20480 MiB
                     fix: lower size.memoryMiB, or have fewer nodes on pve1`,
    ],
    [
      'no memory that its own running VMs have',
      {
        options: { hosts: [{ name: 'pve1', address: '127.0.0.1', memoryMiB: 20480 }] },
        before: async ({ must }) => {
          await must('POST', '/nodes/pve1/qemu', {
            vmid: '1501',
            memory: '4096',
            tags: 'controlplane;groundwork-infrastructure',
          });
          await must('POST', '/nodes/pve1/qemu/1501/status/start');
        },
      },
      '',
    ],
    [
      'a clock that is behind',
      { says: { '/nodes/pve1/time': { time: 1_500_000_000 } }, now: 1_500_000_090_000 },
      `FAIL  clock          pve1 is 90 s behind this machine
                     fix: let both follow a time server: chronyc tracking shows the state of it`,
    ],
    [
      'a clock that is ahead',
      { says: { '/nodes/pve1/time': { time: 1_500_000_061 } }, now: 1_500_000_000_000 },
      `FAIL  clock          pve1 is 61 s ahead of this machine
                     fix: let both follow a time server: chronyc tracking shows the state of it`,
    ],
    [
      'privileges that VLANs, disks, PCI devices and a start order ask for',
      {
        options: {
          tokens: [token(DEPLOY_TOKEN, LEAST_PRIVILEGES)],
          storages: [
            storage('dir', 'local', ['import']),
            storage('lvmthin', 'local-lvm', ['images']),
            storage('dir', 'nas', ['images']),
          ],
        },
        credential: DEPLOY_TOKEN,
        fields: EXTRAS,
      },
      `SKIP  disk-storage   the token may not see nas on pve1
                     fix: give the token Datastore.Audit on /storage/nas
SKIP  bridge         the token may not see bridge vmbr1 of pve1
                     fix: give the token SDN.Use on /sdn/zones/localnetwork/vmbr1
FAIL  privileges     the token has not on /storage/nas: Datastore.AllocateSpace, Datastore.Audit
${grantFix('GroundworkDisks', '/storage/nas')}
FAIL  privileges     the token has not on /sdn/zones/localnetwork/vmbr1/20: SDN.Use
${grantFix('GroundworkBridge', '/sdn/zones/localnetwork/vmbr1/20')}
FAIL  privileges     the token has not on /mapping/pci/gpu: Mapping.Use
${grantFix('GroundworkDevices', '/mapping/pci/gpu')}
FAIL  privileges     the token has not on /: Sys.Modify
${grantFix('GroundworkDataCentre', '/')}
${NOT_SEEN}`,
    ],
    [
      'the privilege that high availability asks for',
      {
        spec: { hosts: ['pve1'], diskStorage: 'nas', sharedStorages: ['nas'] },
        fields: { nodePools: { worker: { highAvailability: true } } },
        credential: DEPLOY_TOKEN,
      },
      `SKIP  disk-storage   the token may not see nas on pve1
                     fix: give the token Datastore.Audit on /storage/nas
FAIL  privileges     the token has not on /storage/nas: Datastore.AllocateSpace, Datastore.Audit
${grantFix('GroundworkDisks', '/storage/nas')}
FAIL  privileges     the token has not on /: Sys.Audit, Sys.Console
${grantFix('GroundworkDataCentre', '/')}
${NOT_SEEN}`,
    ],
    [
      'calls that fail: what they would show is not said to be good',
      {
        options: {
          faults: ['/nodes', '/cluster/resources', '/access/permissions'].map(
            (path) => ({ name: 'api-error', match: { path }, text: 'broken' }) as const,
          ),
        },
      },
      `SKIP  hosts          GET /nodes: HTTP 500 broken
SKIP  image-factory  pve1 is not online
SKIP  image-storage  pve1 is not online
SKIP  disk-storage   pve1 is not online
SKIP  bridge         pve1 is not online
SKIP  vm-ids         GET /cluster/resources: HTTP 500 broken
SKIP  privileges     GET /access/permissions: HTTP 500 broken
SKIP  privileges     GET /access/permissions: HTTP 500 broken
SKIP  privileges     GET /access/permissions: HTTP 500 broken
SKIP  privileges     GET /access/permissions: HTTP 500 broken
SKIP  privileges     GET /access/permissions: HTTP 500 broken
SKIP  memory         GET /nodes: HTTP 500 broken
SKIP  clock          pve1 is not online`,
    ],
  ])('%s', async (_, situation, expected) => {
    expect(await defects(situation)).toBe(expected);
  });
});
