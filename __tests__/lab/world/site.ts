import type { Site } from '../../../lab/site/site';

/** A site with two Proxmox hosts. */
export const site = (change: Partial<Site> = {}): Site => ({
  stack: 'infrastructure',
  proxmox: {
    endpoint: 'https://pve.home.arpa:8006',
    host: 'pve.home.arpa',
    port: 8006,
    hosts: ['pve1', 'pve2'],
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
    { url: 'https://helm.cilium.io', host: 'helm.cilium.io', charts: [{ name: 'cilium', version: '1.19.6' }] },
    { url: 'https://charts.home.arpa/flux', host: 'charts.home.arpa', charts: [{ name: 'flux2', version: '2.18.3' }] },
  ],
  discovery: 'https://discovery.talos.dev',
  network: { bridge: 'vmbr0', gateway: '10.0.0.1', prefix: 16 },
  nodes: [{ name: 'worker0', vmid: 2000, vmName: 'talos-worker0', host: 'pve1', address: '10.0.2.1', role: 'worker' }],
  variables: [],
  providers: {},
  ...change,
});
