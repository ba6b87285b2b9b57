import { infrastructure } from '../../clusters/infrastructure';
import { loadCluster } from '../../modules/model/load-cluster';

const size = { cores: 4, memoryMiB: 4096, diskGiB: 40 };
const node = (role: string, index: number, address: string, vmId: number): object => ({
  name: `${role}${index}`,
  role,
  pool: role,
  index,
  address,
  vmId,
  vmName: `talos-${role}${index}`,
  host: 'atlas',
  placedBy: 'rule',
  size,
  labels: {},
  taints: [],
  disks: [],
  networkCards: [{ bridge: 'vmbr0', firewall: false }],
  pciDevices: [],
  architecture: 'amd64',
  patches: [],
  highAvailability: false,
  protection: false,
  overrides: [],
});

describe('T-1, T-2 the cluster that comes with the repository', () => {
  const { plan, issues } = loadCluster(infrastructure);

  test('has no issue', () => {
    expect(issues).toEqual([]);
  });

  test('its whole plan', () => {
    expect(JSON.parse(JSON.stringify(plan))).toEqual({
      name: 'infrastructure',
      stack: 'infrastructure',
      state: { kind: 'local' },
      network: {
        cidr: '10.0.0.0/16',
        gateway: '10.0.0.1',
        nameServers: ['1.1.1.1', '8.8.8.8'],
        timeServers: ['time.cloudflare.com'],
      },
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/12',
      endpoint: { vip: '10.0.3.1', port: 6443, url: 'https://10.0.3.1:6443', provider: 'kube-vip' },
      loadBalancerPools: [
        { name: 'ingress', range: '10.0.3.2-10.0.3.2', autoAssign: false },
        { name: 'dns', range: '10.0.3.3-10.0.3.3', autoAssign: false },
        { name: 'services', range: '10.0.3.4-10.0.3.20', autoAssign: true },
      ],
      announcements: { by: 'metallb', peers: [] },
      cilium: { ipam: 'kubernetes' },
      proxmox: {
        endpoint: 'https://atlas:8006/',
        insecure: false,
        hosts: ['atlas'],
        arm64Hosts: [],
        failureDomains: { atlas: 'atlas' },
        imageStorage: 'local',
        diskStorage: 'local-lvm',
        bridge: 'vmbr0',
        sharedStorages: [],
        highAvailability: 'rules',
        scsiController: 'virtio-scsi-single',
        tag: 'groundwork-infrastructure',
      },
      images: { factory: 'https://factory.talos.dev', insecure: false, mode: 'per-node' },
      discovery: true,
      talos: {
        extensions: [],
        sysctls: {},
        kernelModules: {},
        registryMirrors: {},
        trustedCertificates: [],
        diskEncryption: 'none',
        secureBoot: false,
      },
      versions: {
        talos: '1.13.9',
        talosContract: '1.9',
        kubernetes: '1.35.0',
        kubeVip: '0.9.2',
        cilium: '1.19.6',
        flux: '2.18.3',
        fluxSync: '1.14.5',
      },
      flux: {
        repository: 'https://github.com/example-org/groundwork',
        branch: 'main',
        path: './platform/rendered/infrastructure',
        access: 'public',
        username: 'git',
        knownHosts: [],
        sops: false,
        sealedSecretsKey: false,
      },
      platform: {
        domain: 'test-cluster.example.org',
        gateway: 'cilium',
        tlsEnd: 'outside',
        storage: 'proxmox-csi',
        secrets: 'sealed-secrets',
        applications: ['vault', 'authentik', 'harbor', 'gitea', 'matrix'],
      },
      nodes: [
        node('controlplane', 0, '10.0.1.1', 1500),
        node('controlplane', 1, '10.0.1.2', 1501),
        node('controlplane', 2, '10.0.1.3', 1502),
        node('worker', 0, '10.0.2.1', 2000),
        node('worker', 1, '10.0.2.2', 2001),
      ],
      nodePools: [
        {
          name: 'controlplane',
          role: 'controlplane',
          count: 3,
          firstAddress: '10.0.1.1',
          lastAddress: '10.0.1.9',
          strangers: [],
        },
        { name: 'worker', role: 'worker', count: 2, firstAddress: '10.0.2.1', strangers: [] },
      ],
      schedulableControlPlanes: false,
    });
  });

  test('the same spec gives an equal plan', () => {
    expect(loadCluster(infrastructure)).toEqual({ plan, issues });
  });
});
