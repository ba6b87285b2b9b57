import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSite, SiteError } from '../../../lab/site/read-site';

type Body = Record<string, unknown>;
interface Fixture {
  readonly provider: { readonly proxmox: Body[]; readonly talos: Body[] };
  readonly resource: Record<string, Record<string, Body>>;
  readonly data: Record<string, Record<string, Body>>;
}

const twoNodes = (): Fixture => JSON.parse(readFileSync(join(__dirname, 'two-nodes.json'), 'utf8')) as Fixture;
const body = (fixture: Fixture, type: string, name: string): Body => {
  const found = fixture.resource[type]?.[name];
  if (found === undefined) throw new Error(`no ${type}.${name}`);
  return found;
};
const VM = 'proxmox_virtual_environment_vm';

const reasonsOf = (json: unknown): readonly string[] => {
  try {
    readSite('infrastructure', json);
  } catch (error) {
    if (error instanceof SiteError) return error.reasons;
    throw error;
  }
  return [];
};

describe('site of a stack', () => {
  test('everything that the data centre must have', () => {
    expect(readSite('infrastructure', twoNodes())).toEqual({
      stack: 'infrastructure',
      proxmox: {
        endpoint: 'https://pve.home.arpa:8006',
        host: 'pve.home.arpa',
        port: 8006,
        hosts: ['pve1'],
        storages: [
          { name: 'local', content: ['import'], shared: false },
          { name: 'local-lvm', content: ['images'], shared: false },
        ],
        bridges: ['vmbr0'],
        pools: [],
        pciMappings: [],
        highAvailability: false,
      },
      imageFactories: ['https://factory.talos.dev'],
      chartRepositories: [
        {
          url: 'https://fluxcd-community.github.io/helm-charts',
          host: 'fluxcd-community.github.io',
          charts: [
            { name: 'flux2', version: '2.18.3' },
            { name: 'flux2-sync', version: '1.14.5' },
          ],
        },
        { url: 'https://helm.cilium.io', host: 'helm.cilium.io', charts: [{ name: 'cilium', version: '1.19.6' }] },
      ],
      discovery: 'https://discovery.talos.dev',
      network: { bridge: 'vmbr0', gateway: '10.0.0.1', prefix: 16 },
      nodes: [
        {
          name: 'controlplane0',
          vmid: 1500,
          vmName: 'talos-controlplane0',
          host: 'pve1',
          address: '10.0.1.1',
          role: 'controlplane',
        },
        { name: 'worker0', vmid: 2000, vmName: 'talos-worker0', host: 'pve1', address: '10.0.2.1', role: 'worker' },
      ],
      variables: ['tailscale_auth_key'],
      providers: { proxmox: '0.111.1', talos: '0.7.1' },
    });
  });

  test('an address by cloud-init, where the image carries none', () => {
    const json = twoNodes();
    const vm = body(json, VM, 'worker0_vm');
    vm['disk'] = [{ datastore_id: 'local-lvm', import_from: 'local:import/shared.qcow2' }];
    vm['initialization'] = [
      { datastore_id: 'local-lvm', ip_config: [{ ipv4: [{ address: '10.0.2.9/16', gateway: '10.0.0.1' }] }] },
    ];
    body(json, 'talos_machine_configuration_apply', 'worker0_applied')['node'] = '10.0.2.9';
    const config = json.data['talos_machine_configuration']?.['worker0_config'];
    if (config === undefined) throw new Error('no config of worker0');
    config['config_patches'] = ['machine:\n  network:\n    hostname: worker0\n'];
    expect(readSite('infrastructure', json).nodes[1]).toEqual({
      name: 'worker0', // as its machine config says
      vmid: 2000,
      vmName: 'talos-worker0',
      host: 'pve1',
      address: '10.0.2.9',
      role: 'worker',
    });
  });

  test.each([
    ['by reference to the schematic', '${talos_image_factory_schematic.worker0_image_schematic.id}'],
    ['by the id that the schematic text hashes to', undefined],
  ])('finds the image %s', (_, id) => {
    const json = twoNodes();
    if (id !== undefined) {
      body(json, 'proxmox_download_file', 'worker0_image_file')['url'] =
        `https://factory.talos.dev/image/${id}/v1.13.9/metal-amd64.qcow2`;
    }
    expect(readSite('infrastructure', json).nodes[1]?.address).toBe('10.0.2.1');
  });

  test('a storage that two hosts use one image of is shared', () => {
    const json = twoNodes();
    body(json, VM, 'worker0_vm')['node_name'] = 'pve2';
    const { proxmox } = readSite('infrastructure', json);
    expect(proxmox.hosts).toEqual(['pve1', 'pve2']);
    expect(proxmox.storages[0]).toEqual({ name: 'local', content: ['import'], shared: true });
  });

  test('a VLAN is part of the network', () => {
    const json = twoNodes();
    for (const name of ['controlplane0_vm', 'worker0_vm']) {
      body(json, VM, name)['network_device'] = [{ bridge: 'vmbr1', vlan_id: 42 }];
    }
    expect(readSite('infrastructure', json).network).toEqual({
      bridge: 'vmbr1',
      vlan: 42,
      gateway: '10.0.0.1',
      prefix: 16,
    });
  });

  test('a private factory and discovery service', () => {
    const json = twoNodes();
    json.provider.talos[0] = { image_factory_url: 'https://factory.home.arpa/' };
    const config = json.data['talos_machine_configuration']?.['worker0_config'];
    if (config === undefined) throw new Error('no worker0_config');
    config['config_patches'] = [
      '{"cluster":{"discovery":{"enabled":true,"registries":{"service":{"endpoint":"https://discovery.home.arpa/"}}}}}',
    ];
    const site = readSite('infrastructure', json);
    expect(site.imageFactories).toEqual(['https://factory.home.arpa', 'https://factory.talos.dev']);
    expect(site.discovery).toBe('https://discovery.home.arpa');
  });

  test('a factory that Proxmox is told not to verify, an order of starts, and hosts of another architecture', () => {
    const json = twoNodes();
    expect(Object.keys(readSite('infrastructure', json).proxmox)).not.toContain('arm64Hosts');
    body(json, 'proxmox_download_file', 'worker0_image_file')['verify'] = false;
    Object.assign(body(json, VM, 'worker0_vm'), { startup: { order: 1 }, machine: 'virt', node_name: 'pve2' });
    const site = readSite('infrastructure', json);
    expect(site.unverifiedFactories).toEqual(['https://factory.talos.dev']);
    expect(site.proxmox).toMatchObject({ startOrder: true, arm64Hosts: ['pve2'] });
  });

  test('all that is missing is said at once', () => {
    const json = twoNodes();
    json.provider.proxmox[0] = { endpoint: '${var.endpoint}' };
    body(json, VM, 'worker0_vm')['disk'] = [];
    delete body(json, VM, 'controlplane0_vm')['vm_id'];
    expect(reasonsOf(json)).toEqual([
      'provider proxmox has the endpoint "${var.endpoint}": a URL must be written in the spec',
      'VM "talos-controlplane0" has no vm_id',
      'VM 2000 "talos-worker0" has no static address: neither META key 10 in its image\'s schematic nor cloud-init',
    ]);
  });

  test('nodes in two networks are refused', () => {
    const json = twoNodes();
    body(json, VM, 'worker0_vm')['network_device'] = [{ bridge: 'vmbr1' }];
    expect(reasonsOf(json)).toEqual([
      'its nodes are in 2 networks ({"bridge":"vmbr0","gateway":"10.0.0.1","prefix":16}, {"bridge":"vmbr1","gateway":"10.0.0.1","prefix":16}): the lab has one',
    ]);
  });

  test('charts in a registry are refused: the lab has none', () => {
    const json = twoNodes();
    body(json, 'helm_release', 'cilium_release')['repository'] = 'oci://mirror.example.org/charts';
    expect(reasonsOf(json)).toEqual([
      'release "cilium" has its chart from oci://mirror.example.org/charts: the lab serves charts by HTTPS alone',
    ]);
  });

  test('what is no stack at all has a reason too', () => {
    expect(reasonsOf({})).toEqual([
      'provider proxmox has the endpoint undefined: a URL must be written in the spec',
      'it has no proxmox_virtual_environment_vm',
    ]);
  });
});
