import { installerReference } from '../../images/node-image';
import type { ClusterPlan, NodePlan } from '../model/cluster-plan';
import { KUBE_PRISM_PORT } from './kube-prism';

/**
 * Subnets from which a node picks its own address: the network without the VIP. Else the holder of the VIP could
 * register it as its node IP, or etcd could advertise it to its peers.
 */
export const ownAddressSubnets = (plan: ClusterPlan): string[] => [
  plan.network.cidr.toString(),
  `!${plan.endpoint.vip.toString()}/32`,
];

/** `eth0`, since the image boots with `net.ifnames=0`, with the same address that META key 10 gave it at first boot. */
const network = (plan: ClusterPlan, node: NodePlan): object => ({
  hostname: node.name,
  interfaces: [
    {
      interface: 'eth0',
      ...(node.networkCards[0].mtu !== undefined && { mtu: node.networkCards[0].mtu }),
      dhcp: false,
      addresses: [`${node.address.toString()}/${plan.network.cidr.prefixLength}`],
      routes: [{ network: '0.0.0.0/0', gateway: plan.network.gateway.toString() }],
    },
  ],
  nameservers: plan.network.nameServers.map(String),
});

/**
 * The Kubernetes registry of the discovery is off: it does not work with Kubernetes 1.32 and newer
 * (docs.siderolabs.com, "Discovery service"). With discovery off as a whole, workers find the cluster by the VIP alone.
 */
const discovery = (plan: ClusterPlan): object =>
  plan.discovery
    ? {
        enabled: true,
        registries: {
          kubernetes: { disabled: true },
          service: {
            disabled: false,
            ...(plan.talos.discoveryService !== undefined && { endpoint: plan.talos.discoveryService }),
          },
        },
      }
    : { enabled: false };

/** The part of the machine config that every node has, control plane or worker. */
export const everyNode = (plan: ClusterPlan, node: NodePlan): object => ({
  machine: {
    certSANs: [plan.endpoint.vip.toString(), '127.0.0.1'],
    kubelet: { nodeIP: { validSubnets: ownAddressSubnets(plan) } },
    network: network(plan, node),
    // scsi0 is sda. The image is what `talosctl upgrade` would install: always set, as Talos' default has no extensions.
    install: { disk: '/dev/sda', image: installerReference(plan) },
    time: { servers: plan.network.timeServers },
    features: {
      kubePrism: { enabled: true, port: KUBE_PRISM_PORT },
      hostDNS: { enabled: true, forwardKubeDNSToHost: true },
    },
  },
  cluster: {
    network: {
      cni: { name: 'none' },
      podSubnets: [plan.podCidr.toString()],
      serviceSubnets: [plan.serviceCidr.toString()],
    },
    discovery: discovery(plan),
  },
});
