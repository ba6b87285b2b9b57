import { MachineConfig } from '../../../../lab/machine/machine-config';
import { configNetwork } from '../../../../lab/machine/network/config-network';
import { MachineNetwork } from '../../../../lab/machine/network/machine-network';
import { NO_NETWORK, type NetworkConfig } from '../../../../lab/machine/network/network-config';

const INTERFACES = JSON.stringify([
  { ifname: 'lo', link_type: 'loopback', addr_info: [] },
  { ifname: 'eth0', link_type: 'ether', address: 'bc:24:11:00:00:01', addr_info: [] },
]);

const play = (): { network: MachineNetwork; commands: string[]; log: string[]; notified: string[] } => {
  const notified: string[] = [];
  const commands: string[] = [];
  const log: string[] = [];
  const network = new MachineNetwork(
    (args, input = '') => {
      if (args[0] === '-j') return Promise.resolve(INTERFACES);
      commands.push(...input.trimEnd().split('\n'));
      return Promise.resolve('');
    },
    (line) => log.push(line),
    (link) => notified.push(link),
  );
  return { network, commands, log, notified };
};

const ADDRESS: NetworkConfig = {
  ...NO_NETWORK,
  addresses: [{ link: 'eth0', cidr: '10.0.1.1/16' }],
  routes: [{ link: 'eth0', destination: 'default', gateway: '10.0.0.1', source: '', metric: 1024 }],
  hostname: 'controlplane0',
};

describe('the network of a machine', () => {
  test('T-12 an address that comes later is announced by the link that has it', async () => {
    const { network, commands, notified } = play();
    await network.boot(['net.ifnames=0']);
    const vip: NetworkConfig = { ...NO_NETWORK, addresses: [{ link: 'eth0', cidr: '10.0.3.1/32' }] };
    await network.apply([ADDRESS, vip]);
    commands.length = 0;
    await network.announce('10.0.9.9');
    expect([commands, notified]).toEqual([[], []]);
    await network.announce('10.0.3.1');
    expect([commands, notified]).toEqual([['link set eth0 address bc:24:11:00:00:01'], ['eth0']]);
    commands.length = 0;
    await network.apply([ADDRESS]);
    expect(commands).toEqual(['address del 10.0.3.1/32 dev eth0']);
  });

  test('with net.ifnames=0 the NIC is eth0, and gets what META gives it', async () => {
    const { network, commands } = play();
    await network.boot(['net.ifnames=0']);
    await network.apply([ADDRESS]);
    expect(commands).toEqual([
      'address flush dev eth0',
      'link set eth0 up',
      'address replace 10.0.1.1/16 dev eth0',
      'route replace default via 10.0.0.1 dev eth0 metric 1024',
    ]);
    expect([network.address, network.hostname]).toEqual(['10.0.1.1', 'controlplane0']);
  });

  test('without it the NIC has another name, and no address', async () => {
    const { network, commands, log } = play();
    await network.boot([]);
    await network.apply([ADDRESS]);
    expect(commands).toEqual([
      'address flush dev eth0',
      'link set eth0 down',
      'link set eth0 name enp6s18',
      'link set enp6s18 up',
    ]);
    expect(network.address).toBeUndefined();
    expect(log).toEqual(['no link is named "eth0": its settings wait (links: enp6s18)']);
  });

  test('only what changes is touched; what nobody asks for any more goes', async () => {
    const { network, commands } = play();
    await network.boot(['net.ifnames=0']);
    await network.apply([ADDRESS]);
    commands.splice(0);
    await network.apply([
      ADDRESS,
      { ...NO_NETWORK, addresses: [{ link: 'eth0', cidr: '10.0.1.9/16' }], hostname: 'cp' },
    ]);
    await network.apply([ADDRESS]);
    expect(commands).toEqual(['address replace 10.0.1.9/16 dev eth0', 'address del 10.0.1.9/16 dev eth0']);
    expect(network.hostname).toBe('controlplane0');
  });

  test('a machine config: by name or by selector, with and without mask', () => {
    const config = MachineConfig.parse(`version: v1alpha1
machine:
  network:
    hostname: controlplane0
    interfaces:
      - interface: eth0
        mtu: 1400
        addresses: [10.0.1.1/16, 10.0.3.1]
        routes:
          - {network: 0.0.0.0/0, gateway: 10.0.0.1}
          - {network: 10.9.0.0/16, gateway: 10.0.0.9, metric: 10}
        vip: {ip: 10.0.3.1}
      - deviceSelector: {hardwareAddr: BC:24:11:00:00:01}
        addresses: [10.1.1.1/16]
      - deviceSelector: {hardwareAddr: BC:24:11:00:00:99}
        dhcp: true
---
apiVersion: v1alpha1
kind: UserVolumeConfig
name: data
`);
    expect(configNetwork(config, [{ name: 'eth0', mac: 'bc:24:11:00:00:01' }])).toEqual({
      links: [
        { link: 'eth0', up: true, mtu: 1400 },
        { link: 'eth0', up: true, mtu: 0 },
      ],
      addresses: [
        { link: 'eth0', cidr: '10.0.1.1/16' },
        { link: 'eth0', cidr: '10.0.3.1/32' },
        { link: 'eth0', cidr: '10.1.1.1/16' },
      ],
      routes: [
        { link: 'eth0', destination: 'default', gateway: '10.0.0.1', source: '', metric: 1024 },
        { link: 'eth0', destination: '10.9.0.0/16', gateway: '10.0.0.9', source: '', metric: 10 },
      ],
      hostname: 'controlplane0',
      shared: [{ link: 'eth0', address: '10.0.3.1' }],
      ignored: ['interface that no link matches'],
    });
  });
});
