import type { ClusterSpec } from '../modules/model/cluster-spec';

/**
 * Your cluster: three control planes and two workers on one Proxmox host. Everything that only you can know stands here; what is
 * left out has a sensible default. Each field is explained in modules/model/cluster-spec.ts, and your editor shows that text.
 *
 * After a change: `npx cdktf diff infrastructure` says what it would do.
 */
export const infrastructure: ClusterSpec = {
  name: 'infrastructure',

  // The network that nodes, VIP and load balancers share. Your router and DHCP server must leave all addresses below alone.
  network: {
    cidr: '10.0.0.0/16',
    gateway: '10.0.0.1',
  },

  // The Kubernetes API answers here, on whichever control plane lives.
  vip: { address: '10.0.3.1' },

  // Addresses for services. The first two have one owner each: only what names the pool gets them.
  loadBalancerPools: {
    ingress: { range: '10.0.3.2', autoAssign: false },
    dns: { range: '10.0.3.3', autoAssign: false },
    services: { range: '10.0.3.4-10.0.3.20' },
  },

  // controlplane0 is 10.0.1.1, and VM 1500 in Proxmox; worker0 is 10.0.2.1, and VM 2000.
  nodePools: {
    controlplane: { role: 'controlplane', count: 3, firstAddress: '10.0.1.1', lastAddress: '10.0.1.9' },
    worker: { role: 'worker', count: 2, firstAddress: '10.0.2.1' },
  },

  // Your Proxmox VE, 8.4 or newer. Its token comes from the environment, never from here.
  proxmox: {
    endpoint: 'https://atlas:8006/',
    hosts: ['atlas'],
    imageStorage: 'local', // must allow the content type "import"
    diskStorage: 'local-lvm',
  },

  // Your copy of this repository: Flux applies what is rendered in its folder platform/rendered/infrastructure.
  flux: { repository: 'https://github.com/example-org/groundwork' },

  // What that is: the zone that leads to the cluster, and which applications run beside the test application.
  platform: {
    domain: 'test-cluster.example.org',
    applications: ['vault', 'authentik', 'harbor', 'gitea', 'matrix'],
  },
};
