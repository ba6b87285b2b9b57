import { loadCluster } from '../../../modules/model/load-cluster';
import { validSpec } from '../../fixtures/valid-spec';

describe('T-4 overrides of a node', () => {
  test('what a node says of itself wins, and the rest is that of its pool', () => {
    const { plan, issues } = loadCluster(
      validSpec({
        nodePools: {
          worker: {
            labels: { 'example.org/disk': 'slow' },
            network: { vlan: 42 },
            nodes: {
              worker1: {
                host: 'atlas',
                vmId: 2100,
                address: '10.0.2.100',
                size: { memoryMiB: 8192 },
                labels: { 'example.org/disk': 'fast' },
                disks: { data: { slot: 1, sizeGiB: 100 } },
                network: { mac: 'bc:24:11:00:00:01' },
                networkCards: [{ bridge: 'vmbr1', mtu: 9000 }],
                pciDevices: ['gpu'],
              },
            },
          },
        },
      }),
    );
    expect(issues).toEqual([]);
    const [worker0, worker1] = plan?.nodes.slice(3) ?? [];
    expect(worker0).toMatchObject({
      vmId: 2000,
      labels: { 'example.org/disk': 'slow' },
      networkCards: [{ bridge: 'vmbr0', firewall: false, vlan: 42 }],
      overrides: [],
    });
    expect(JSON.parse(JSON.stringify(worker1))).toMatchObject({
      vmId: 2100,
      address: '10.0.2.100',
      placedBy: 'spec',
      size: { cores: 4, memoryMiB: 8192, diskGiB: 40 },
      labels: { 'example.org/disk': 'fast' },
      disks: [{ name: 'data', slot: 1, sizeGiB: 100, storage: 'local-lvm', filesystem: 'xfs' }],
      networkCards: [
        { bridge: 'vmbr0', firewall: false, mac: 'BC:24:11:00:00:01' },
        { bridge: 'vmbr1', firewall: false, mtu: 9000 },
      ],
      pciDevices: ['gpu'],
    });
  });

  test('an issue is found where the node says it', () => {
    const { issues } = loadCluster(
      validSpec({
        nodePools: { worker: { nodes: { worker1: { address: '10.0.1.1', vmId: 1500, size: { cores: 1 } } } } },
      }),
    );
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'duplicate-address nodePools.worker.nodes.worker1.address',
      'duplicate-vm-id nodePools.worker.nodes.worker1.vmId',
    ]);
  });
});
