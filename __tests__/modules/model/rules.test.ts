import { loadCluster } from '../../../modules/model/load-cluster';
import { validSpec, type SpecFields } from '../../fixtures/valid-spec';

const messages = (changes: SpecFields): string[] =>
  loadCluster(validSpec(changes)).issues.map(({ path, message }) => `${path}: ${message}`);
const fixes = (changes: SpecFields): string[] => loadCluster(validSpec(changes)).issues.map(({ fix }) => fix);

/** Each rule in the forms that its fixture does not show. */
describe('T-3 cross-checks', () => {
  test.each([
    [2, 'etcd survives the loss of 0 members, as with 1', 'use 1 or 3'],
    [6, 'etcd survives the loss of 2 members, as with 5', 'use 5 or 7'],
  ])('%d control planes: %s', (count, why, fix) => {
    const changes = { nodePools: { controlplane: { count } } };
    expect(messages(changes)).toEqual([`nodePools.controlplane.count: control plane count is ${count}: ${why}`]);
    expect(fixes(changes)).toEqual([fix]);
  });

  test('8 control planes are even, and too many', () => {
    expect(messages({ nodePools: { controlplane: { count: 8 } } })).toEqual([
      'nodePools.controlplane.count: control plane count is 8: each write waits for 5 members of etcd, and 7 survive the loss of 3 already',
      'nodePools.controlplane.count: control plane count is 8: etcd survives the loss of 3 members, as with 7',
    ]);
  });

  test('no control plane at all', () => {
    expect(messages({ nodePools: { controlplane: undefined } })).toEqual([
      'nodePools: there are 0 control planes; 1 to 9 are allowed',
    ]);
  });

  test('the VIP is a node', () => {
    expect(messages({ vip: { address: '10.0.2.2' } })).toEqual([
      'nodePools.worker.firstAddress: address 10.0.2.2 is held by the VIP and node worker1',
    ]);
  });

  test('two pools on each other are one finding', () => {
    expect(messages({ nodePools: { worker: { count: 40, firstAddress: '10.0.1.1' } } })).toEqual([
      'nodePools.worker.firstAddress: address 10.0.1.1 is held by node controlplane0 and node worker0 (and 2 more of the same)',
    ]);
  });

  test.each([
    ['10.0.3.4', 'move the VIP, or take it out of loadBalancerPools.services.range: 10.0.3.5-10.0.3.20'],
    ['10.0.3.20', 'move the VIP, or take it out of loadBalancerPools.services.range: 10.0.3.4-10.0.3.19'],
    ['10.0.3.10', 'move the VIP, or take it out of loadBalancerPools.services.range'],
  ])('VIP %s in a pool: %s', (address, fix) => {
    expect(fixes({ vip: { address } })).toEqual([fix]);
  });

  test.each([
    [{ vip: { address: '10.0.0.1' } }, 'vip.address: 10.0.0.1 of the VIP is 10.0.0.1, the gateway'],
    [{ vip: { address: '10.0.0.0' } }, 'vip.address: 10.0.0.0 of the VIP is 10.0.0.0, the network address'],
    [
      { nodePools: { worker: { firstAddress: '10.0.255.254' } } },
      'nodePools.worker.firstAddress: 10.0.255.255 of node worker1 is 10.0.255.255, the broadcast address',
    ],
    [
      { network: { gateway: '10.0.255.255' } },
      'network.gateway: 10.0.255.255 of the gateway is the broadcast address of 10.0.0.0/16',
    ],
    [
      { loadBalancerPools: { services: { range: '10.0.0.1-10.0.0.9' } } },
      'loadBalancerPools.services.range: 10.0.0.1-10.0.0.9 of pool services holds 10.0.0.1, the gateway',
    ],
  ])('reserved: %j', (changes, message) => {
    expect(messages(changes)).toEqual([message]);
  });

  test.each([
    [
      { network: { gateway: '10.1.0.1' } },
      'network.gateway: 10.1.0.1 of the gateway is not in the network 10.0.0.0/16',
    ],
    [{ vip: { address: '10.1.3.1' } }, 'vip.address: 10.1.3.1 of the VIP is not in the network 10.0.0.0/16'],
    [
      { loadBalancerPools: { services: { range: '10.0.255.0-10.1.0.9' } } },
      'loadBalancerPools.services.range: 10.0.255.0-10.1.0.9 of pool services is not in the network 10.0.0.0/16',
    ],
  ])('outside: %j', (changes, message) => {
    expect(messages(changes)[0]).toBe(message);
  });

  test('pods and services overlap each other', () => {
    expect(messages({ network: { podCidr: '10.100.0.0/16' } })).toEqual([
      'network.serviceCidr: the range of services 10.96.0.0/12 overlaps the range of pods 10.100.0.0/16',
    ]);
  });

  test('a range of pods smaller than one block', () => {
    const changes = { network: { podCidr: '10.244.0.128/25' } };
    expect(messages(changes)).toEqual([
      'network.podCidr: the range of pods 10.244.0.128/25 is enough for 0 nodes, a /24 each; there are 5',
    ]);
    expect(fixes(changes)).toEqual(['use a prefix length of 21 or less: 10.244.0.0/21']);
  });

  test('256 nodes fit into the default range of pods, and 257 do not', () => {
    const workers = (count: number) => ({ nodePools: { worker: { count, firstAddress: '10.0.10.1' } } });
    expect(messages(workers(253))).toEqual([]);
    expect(messages(workers(254))).toEqual([
      'network.podCidr: the range of pods 10.244.0.0/16 is enough for 256 nodes, a /24 each; there are 257',
    ]);
  });

  test('a last address before the first', () => {
    expect(messages({ nodePools: { worker: { lastAddress: '10.0.1.200' } } })).toEqual([
      'nodePools.worker.count: pool worker has 2 nodes, and 0 fit from 10.0.2.1 to 10.0.1.200',
    ]);
  });

  test.each([
    ['cores', 1, 'Talos needs 2 for a control plane'],
    ['diskGiB', 9, 'Talos needs 10 for a control plane'],
  ])('too few %s', (field, value, why) => {
    expect(messages({ nodePools: { controlplane: { size: { [field]: value } } } })).toEqual([
      `nodePools.controlplane.size.${field}: is ${value}; ${why}`,
    ]);
  });

  test('a field that is not like any other is to be removed', () => {
    expect(fixes({ colour: 'red' })).toEqual(['remove it']);
  });

  test('an air gap with nothing in it names every public host that is asked, and by whom', () => {
    const tailscale = { enabled: true };
    expect(
      messages({ airGap: {}, tailscale }).map((text) => text.replace('the cluster is without the Internet, and ', '')),
    ).toEqual([
      'airGap.charts: Terraform and Flux ask for charts at helm.cilium.io, fluxcd-community.github.io, and those of the platform',
      'airGap.factory: Proxmox and nodes ask for disk images at factory.talos.dev',
      'airGap.git: Flux asks for the kinds of the Gateway API at github.com',
      'airGap.registry: nodes ask for container images at docker.gitea.com, docker.io, factory.talos.dev, ghcr.io, oci.element.io, quay.io, registry.k8s.io',
      'airGap.timeServers: nodes ask for the time at time.cloudflare.com',
      'flux.repository: Flux asks for this repository at github.com',
      'network.nameServers: nodes ask for names at 1.1.1.1, 8.8.8.8',
      'tailscale.loginServer: nodes log in at controlplane.tailscale.com',
      'talos.discoveryService: nodes ask for each other at discovery.talos.dev',
    ]);
  });

  test('with a factory of its own, and ingress-nginx, fewer are asked', () => {
    const changes = { airGap: { factory: 'https://factory.example.org' }, platform: { gateway: 'ingress-nginx' } };
    const paths = loadCluster(validSpec(changes)).issues.map(
      ({ path, message }) => `${path} ${message.includes('factory')}`,
    );
    expect(paths.slice(0, 3)).toEqual(['airGap.charts false', 'airGap.registry false', 'airGap.timeServers false']);
  });
});
