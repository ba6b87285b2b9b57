import { hostAddresses, hostsFile, inNetwork } from '../../../lab/world/addresses';
import { networkBatch } from '../../../lab/world/network';
import { site } from './site';

describe('addresses and names of the data centre', () => {
  test('one address for each server, and the names of Proxmox nodes lead to its API', () => {
    expect(hostAddresses(site())).toEqual([
      { host: 'pve.home.arpa', address: '192.0.2.1' },
      { host: 'pve1', address: '192.0.2.1' },
      { host: 'pve2', address: '192.0.2.1' },
      { host: 'factory.talos.dev', address: '192.0.2.2' },
      { host: 'helm.cilium.io', address: '192.0.2.3' },
      { host: 'charts.home.arpa', address: '192.0.2.3' },
      { host: 'discovery.talos.dev', address: '192.0.2.4' },
    ]);
  });

  test('an endpoint that is an address keeps it', () => {
    const { proxmox } = site();
    const hosts = hostAddresses(site({ proxmox: { ...proxmox, host: '10.0.0.2', hosts: ['pve1'] } }));
    expect(hosts.slice(0, 2)).toEqual([
      { host: '10.0.0.2', address: '10.0.0.2' },
      { host: 'pve1', address: '10.0.0.2' },
    ]);
  });

  test('a cluster in a documentation range leaves the next one to the servers', () => {
    const network = { bridge: 'vmbr0', gateway: '192.0.2.1', prefix: 24 };
    expect(hostAddresses(site({ network }))[0]?.address).toBe('198.51.100.1');
  });

  test('a network that covers them all is refused', () => {
    const network = { bridge: 'vmbr0', gateway: '10.0.0.1', prefix: 0 };
    expect(() => hostAddresses(site({ network }))).toThrow(
      'network 10.0.0.1/0 covers 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24: the lab has no address left for its servers',
    );
  });

  test.each([
    ['10.0.255.255', '10.0.0.1', 16, true],
    ['10.1.0.0', '10.0.0.1', 16, false],
    ['192.168.1.7', '192.168.1.1', 32, false],
  ])('%s in the network of %s/%i: %s', (address, member, prefix, expected) => {
    expect(inNetwork(address, member, prefix)).toBe(expected);
  });

  test('the hosts file has names only', () => {
    const hosts = [
      { host: '10.0.0.2', address: '10.0.0.2' },
      { host: 'pve1', address: '10.0.0.2' },
    ];
    expect(hostsFile(hosts)).toBe('127.0.0.1 localhost\n::1 localhost\n10.0.0.2 pve1\n');
  });
});

describe('network of the lab', () => {
  test('a bridge with the gateway, and the servers on lo', () => {
    const hosts = [
      { host: 'pve.home.arpa', address: '192.0.2.1' },
      { host: 'pve1', address: '192.0.2.1' },
      { host: 'factory.talos.dev', address: '192.0.2.2' },
    ];
    expect(networkBatch(site(), hosts)).toEqual([
      'link set lo up',
      'link add vmbr0 address 02:67:77:00:00:01 type bridge mcast_snooping 0',
      'link set vmbr0 up',
      'addr add 10.0.0.1/16 dev vmbr0',
      'addr add 192.0.2.1/32 dev lo',
      'addr add 192.0.2.2/32 dev lo',
    ]);
  });

  test('the gateway of a VLAN is on a bridge of its own', () => {
    const network = { bridge: 'vmbr0', vlan: 42, gateway: '10.0.0.1', prefix: 16 };
    expect(networkBatch(site({ network }), [{ host: '10.0.0.1', address: '10.0.0.1' }])).toEqual([
      'link set lo up',
      'link add vmbr0 address 02:67:77:00:00:01 type bridge mcast_snooping 0',
      'link set vmbr0 up',
      'link add vmbr0v42 address 02:67:77:00:00:02 type bridge mcast_snooping 0',
      'link set vmbr0v42 up',
      'addr add 10.0.0.1/16 dev vmbr0v42',
    ]);
  });
});
