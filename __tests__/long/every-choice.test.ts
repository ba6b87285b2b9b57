import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { infrastructure } from '../../clusters/infrastructure';
import { PLACES } from '../../lab/world/places';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { controlPlanesOn } from '../rehearsal/pools';
import { selfSigned } from '../setup/certificate';

const LIMIT_MS = 15 * 60_000;

const PRESSURE = { apiVersion: 'v1alpha1', kind: 'OOMConfig', triggerExpression: 'memory_full_avg10 > 12.0' };
const swappiness = (value: string): Readonly<Record<string, unknown>> => ({
  machine: { sysctls: { 'vm.swappiness': value } },
});

/** What a spec can say of machines and their hardware: one machine of each kind, in a VLAN. */
const MACHINES: ClusterSpec = {
  ...infrastructure,
  network: { ...infrastructure.network, nameServers: ['10.0.0.53'], timeServers: ['time.home.example'] },
  announcements: { by: 'cilium-l2' },
  cilium: { ipam: 'cluster-pool' },
  images: { factory: 'https://factory.home.example', insecure: true },
  talos: {
    discoveryService: 'https://discovery.home.example',
    extensions: ['siderolabs/iscsi-tools'],
    secureBoot: true,
    diskEncryption: 'tpm',
    registryMirrors: {
      'docker.io': {
        endpoints: ['https://harbor.home.example/v2/docker.io', 'http://10.0.0.60:5000'],
        skipFallback: true,
        overridePath: true,
      },
      '*': { endpoints: ['https://mirror.home.example'] },
    },
    patches: [swappiness('10')],
  },
  tailscale: { enabled: true, credential: 'oauth', tags: ['tag:cluster'], routes: ['10.96.0.0/12'] },
  flux: {
    repository: 'ssh://git@git.home.example/example-org/groundwork',
    branch: 'release',
    path: './clusters/home',
    access: 'deploy-key',
    knownHosts: ['git.home.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI', 'git.home.example ssh-rsa AAAAB3NzaC1yc2E'],
  },
  proxmox: { ...infrastructure.proxmox, pool: 'talos', scsiController: 'virtio-scsi-pci' },
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1', network: { vlan: 42 } },
    worker: {
      role: 'worker',
      count: 2,
      firstAddress: '10.0.2.1',
      network: { vlan: 42, mtu: 9000, firewall: true },
      networkCards: [{ bridge: 'vmbr1', vlan: 7, mac: 'BC:24:11:00:00:71' }],
      disks: { data: { slot: 1, sizeGiB: 10 }, scratch: { slot: 4, sizeGiB: 5, storage: 'fast', filesystem: 'ext4' } },
      pciDevices: ['gpu'],
      startOrder: 2,
      taints: [{ key: 'example.org/gpu', value: 'present', effect: 'PreferNoSchedule' }],
      patches: [swappiness('20'), PRESSURE],
      nodes: {
        worker1: {
          network: { vlan: 42, mac: 'BC:24:11:00:00:01' },
          networkCards: [],
          pciDevices: [],
          disks: {},
          size: { cores: 2 },
          patches: [swappiness('30'), { ...PRESSURE, triggerExpression: 'memory_full_avg10 > 30.0' }],
        },
      },
    },
  },
};

/** Beside it: routers by BGP, Headscale, a factory without TLS, an older Talos, and a node of another architecture. */
const ROUTERS: ClusterSpec = {
  ...infrastructure,
  loadBalancerPools: { services: { range: '10.0.3.4-10.0.3.20' } },
  announcements: {
    by: 'cilium-bgp',
    localAsn: 64_512,
    peers: [{ address: '10.0.0.1', asn: 64_500 }],
  },
  images: { factory: 'http://factory.home.example:8080' },
  talos: { contract: '1.8' },
  versions: { talos: '1.12.0' },
  tailscale: { enabled: true, loginServer: 'https://headscale.home.example', acceptRoutes: true },
  platform: { domain: 'home.example', gateway: 'ingress-nginx' },
  proxmox: { ...infrastructure.proxmox, hosts: ['ampere', 'atlas'], arm64Hosts: ['ampere'] },
  nodePools: {
    controlplane: controlPlanesOn('atlas'),
    ampere: {
      role: 'worker',
      count: 1,
      firstAddress: '10.0.2.1',
      architecture: 'arm64',
      nodes: { ampere0: { host: 'ampere' } },
    },
  },
};

type Fields = Readonly<Record<string, unknown>>;
interface MachineConfig {
  readonly version: string;
  readonly machine: Fields;
  readonly cluster: Fields;
}
interface Hardware {
  readonly disks: readonly { readonly path: string }[];
}
interface ShownNode {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly Fields[] };
}
interface Data {
  readonly data: Readonly<Record<string, string>>;
}
interface Spec {
  readonly spec: Fields;
}

const read = async (session: LabSession, file: string): Promise<string> => (await session.run(['cat', file])).stdout;
/** What a machine has on its system disk, document by document: the config that it was given. */
const configOf = async (session: LabSession, vmid: number): Promise<readonly [MachineConfig, ...Fields[]]> => {
  const hardware = JSON.parse(await read(session, join(PLACES.machines, String(vmid), 'hardware.json'))) as Hardware;
  const text = await read(session, join(hardware.disks[0]?.path ?? '', 'STATE', 'config.yaml'));
  return parseAllDocuments(text).map((document) => document.toJS() as Fields) as unknown as readonly [
    MachineConfig,
    ...Fields[],
  ];
};
const named = (documents: readonly Fields[], kind: string): readonly Fields[] =>
  documents.filter((document) => document['kind'] === kind);
/** A VM's config in Proxmox. */
const hardwareOf = (session: LabSession, host: string, vmid: number): Promise<Readonly<Record<string, string>>> =>
  session.proxmox(`/nodes/${host}/qemu/${vmid}/config`);
const nodeOf = (session: LabSession, name: string): Promise<ShownNode> => session.kubernetes(`/api/v1/nodes/${name}`);
/** The settings that Cilium's agents read. */
const cilium = async (session: LabSession): Promise<Readonly<Record<string, string>>> =>
  (await session.kubernetes<Data>('/api/v1/namespaces/kube-system/configmaps/cilium-config')).data;
const images = async (session: LabSession): Promise<readonly string[]> =>
  (await session.inventory())
    .filter((name) => name.includes(':import/'))
    .map((name) => name.replace(/-[0-9a-f]{12}-/, '-'))
    .sort();

describe('machines with every choice', () => {
  let session: LabSession;
  let trusted: string;
  beforeAll(async () => {
    trusted = `${(await selfSigned()).cert.trim()}\n`;
    session = await LabSession.start({ ...MACHINES, talos: { ...MACHINES.talos, trustedCertificates: [trusted] } });
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test('are deployed, and a second plan is empty', () => expectDeployed(session), LIMIT_MS);

  test(
    'T-4 T-9 have the hardware that was asked for: TPM, cards in their VLANs, disks, a device, an order',
    async () => {
      const disk = 'aio=io_uring,backup=1,cache=none,discard=on,iothread=0,replicate=1';
      expect(await hardwareOf(session, 'atlas', 2000)).toMatchObject({
        bios: 'ovmf',
        machine: 'q35',
        efidisk0: 'local-lvm:vm-2000-disk-0,efitype=4m,pre-enrolled-keys=0,size=4M',
        tpmstate0: 'local-lvm:vm-2000-disk-3,size=4M,version=v2.0',
        scsihw: 'virtio-scsi-pci',
        scsi1: `local-lvm:vm-2000-disk-2,${disk},size=10G,ssd=1`,
        scsi4: `fast:vm-2000-disk-0,${disk},size=5G,ssd=1`,
        net0: expect.stringMatching(/^virtio=[0-9A-F:]{17},bridge=vmbr0,firewall=1,mtu=9000,tag=42$/) as string,
        net1: 'virtio=BC:24:11:00:00:71,bridge=vmbr1,firewall=0,tag=7',
        hostpci0: 'mapping=gpu,pcie=1,rombar=1,x-vga=0',
        startup: 'order=2',
      });
      const other = await hardwareOf(session, 'atlas', 2001);
      expect(other).toMatchObject({ cores: 2, net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=0,tag=42' });
      expect(Object.keys(other).filter((key) => /^(net[1-9]|scsi[1-9]|hostpci)/.test(key))).toEqual([]);
      const { members } = await session.proxmox<{ readonly members: readonly { readonly vmid: number }[] }>(
        '/pools/talos',
      );
      expect(members.map(({ vmid }) => vmid).sort()).toEqual([1500, 2000, 2001]);
      const { stdout } = await session.inNode(2000, ['ip', '-o', 'link', 'show', 'eth0']);
      expect(stdout).toContain(' mtu 9000 ');
    },
    LIMIT_MS,
  );

  test(
    'T-11 have been given their config: encryption, mirrors, certificates, volumes, and patches in their order',
    async () => {
      const [{ machine }, ...documents] = await configOf(session, 2000);
      const tpm = { provider: 'luks2', keys: [{ slot: 0, tpm: {} }] };
      expect(machine).toMatchObject({
        systemDiskEncryption: { state: tpm, ephemeral: tpm },
        sysctls: { 'vm.swappiness': '20' },
        install: {
          image: expect.stringMatching(
            /^factory\.home\.example\/metal-installer-secureboot\/[0-9a-f]{64}:v1\.13\.9$/,
          ) as string,
        },
        registries: {
          mirrors: {
            'docker.io': {
              endpoints: ['https://harbor.home.example/v2/docker.io', 'http://10.0.0.60:5000'],
              overridePath: true,
              skipFallback: true,
            },
            '*': { endpoints: ['https://mirror.home.example'] },
          },
        },
        time: { servers: ['time.home.example'] },
        network: { nameservers: ['10.0.0.53'], interfaces: [{ interface: 'eth0', mtu: 9000 }] },
      });
      expect(named(documents, 'TrustedRootsConfig')).toEqual([
        { apiVersion: 'v1alpha1', kind: 'TrustedRootsConfig', name: 'spec', certificates: trusted },
      ]);
      expect(
        named(documents, 'UserVolumeConfig').map(({ name, filesystem, encryption }) => [name, filesystem, encryption]),
      ).toEqual([
        ['data', { type: 'xfs' }, tpm],
        ['scratch', { type: 'ext4' }, tpm],
      ]);
      expect(named(documents, 'OOMConfig')).toEqual([PRESSURE]);

      const [{ machine: other }, ...more] = await configOf(session, 2001);
      expect(other).toMatchObject({ sysctls: { 'vm.swappiness': '30' } });
      expect(named(more, 'OOMConfig')).toEqual([{ ...PRESSURE, triggerExpression: 'memory_full_avg10 > 30.0' }]);
      expect(named(more, 'UserVolumeConfig')).toEqual([]);
      const [{ machine: first, cluster }] = await configOf(session, 1500);
      expect(first).toMatchObject({ sysctls: { 'vm.swappiness': '10' } });
      expect(cluster).toMatchObject({
        discovery: { registries: { service: { endpoint: 'https://discovery.home.example' } } },
      });
      expect((await nodeOf(session, 'worker0')).spec.taints).toEqual([
        { key: 'example.org/gpu', value: 'present', effect: 'PreferNoSchedule' },
      ]);
      const secureBoot = 'local:import/talos-1.13.9-amd64-secureboot.qcow2';
      expect(await images(session)).toEqual([secureBoot, secureBoot, secureBoot]);
    },
    LIMIT_MS,
  );

  test(
    'T-11c log in to the tailnet as nodes of an OAuth client',
    async () => {
      const environment = async (vmid: number): Promise<unknown> =>
        named((await configOf(session, vmid)).slice(1) as readonly Fields[], 'ExtensionServiceConfig')[0]?.[
          'environment'
        ];
      const own = (name: string): readonly string[] => [
        'TS_AUTHKEY=rehearsal-tailscale_auth_key?ephemeral=false&preauthorized=true',
        'TS_AUTH_ONCE=true',
        `TS_HOSTNAME=${name}`,
      ];
      const tags = 'TS_EXTRA_ARGS=--advertise-tags=tag:cluster';
      expect(await environment(2000)).toEqual([...own('worker0'), tags]);
      expect(await environment(1500)).toEqual([
        ...own('controlplane0'),
        'TS_ROUTES=10.0.3.2/32,10.0.3.3/32,10.96.0.0/12',
        tags,
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-15 Cilium gives blocks of addresses itself, and answers ARP for services',
    async () => {
      const settings = await cilium(session);
      expect(settings).toMatchObject({
        ipam: 'cluster-pool',
        'cluster-pool-ipv4-cidr': '10.244.0.0/16',
        'cluster-pool-ipv4-mask-size': '24',
        'enable-l2-announcements': 'true',
        'enable-gateway-api': 'true',
      });
      expect(settings).not.toHaveProperty('enable-bgp-control-plane');
    },
    LIMIT_MS,
  );

  test(
    'T-16 Flux reads a repository by its deploy key, from a server that it knows',
    async () => {
      const { data } = await session.kubernetes<Data>('/api/v1/namespaces/flux-system/secrets/flux-system');
      const clear = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
      expect(Object.fromEntries(clear)).toEqual({
        identity: 'rehearsal-flux_deploy_key',
        known_hosts: 'git.home.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\ngit.home.example ssh-rsa AAAAB3NzaC1yc2E',
      });
      const flux = async (group: string, plural: string): Promise<Fields> =>
        (await session.kubernetes<Spec>(`/apis/${group}/v1/namespaces/flux-system/${plural}/flux-system`)).spec;
      expect(await flux('source.toolkit.fluxcd.io', 'gitrepositories')).toMatchObject({
        url: 'ssh://git@git.home.example/example-org/groundwork',
        ref: { branch: 'release' },
        secretRef: { name: 'flux-system' },
      });
      expect(await flux('kustomize.toolkit.fluxcd.io', 'kustomizations')).toMatchObject({ path: './clusters/home' });
    },
    LIMIT_MS,
  );

  test(
    'T-14 are destroyed without a trace',
    async () => {
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('the other choices', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(ROUTERS);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test('are deployed, and a second plan is empty', () => expectDeployed(session), LIMIT_MS);

  test(
    'T-15 Cilium talks BGP, and leaves HTTP to another',
    async () => {
      const settings = await cilium(session);
      expect(settings).toMatchObject({
        ipam: 'kubernetes',
        'enable-bgp-control-plane': 'true',
        'enable-l2-announcements': 'false',
        'enable-gateway-api': 'false',
      });
    },
    LIMIT_MS,
  );

  test(
    'T-1 a node is of another architecture, on the host that has it',
    async () => {
      expect(await hardwareOf(session, 'ampere', 2000)).toMatchObject({ machine: 'virt', name: 'talos-ampere0' });
      expect((await nodeOf(session, 'ampere0')).metadata.labels['kubernetes.io/arch']).toBe('arm64');
      expect((await nodeOf(session, 'controlplane0')).metadata.labels['kubernetes.io/arch']).toBe('amd64');
      expect(await images(session)).toEqual([
        'local:import/talos-1.12.0-amd64.qcow2',
        'local:import/talos-1.12.0-arm64.qcow2',
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-7 T-11c upgrades come from a factory without TLS, and the mesh is Headscale’s',
    async () => {
      const [{ machine }, ...documents] = await configOf(session, 1500);
      expect(machine).toMatchObject({
        install: {
          image: expect.stringMatching(
            /^factory\.home\.example:8080\/metal-installer\/[0-9a-f]{64}:v1\.12\.0$/,
          ) as string,
        },
        registries: {
          mirrors: { 'factory.home.example:8080': { endpoints: ['http://factory.home.example:8080'] } },
        },
      });
      expect(named(documents, 'ExtensionServiceConfig')).toEqual([
        {
          apiVersion: 'v1alpha1',
          kind: 'ExtensionServiceConfig',
          name: 'tailscale',
          environment: [
            'TS_AUTHKEY=rehearsal-tailscale_auth_key',
            'TS_AUTH_ONCE=true',
            'TS_HOSTNAME=controlplane0',
            'TS_EXTRA_ARGS=--login-server=https://headscale.home.example --accept-routes',
          ],
        },
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-14 are destroyed without a trace',
    async () => {
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
