import type { ClusterPlan } from '../model/cluster-plan';
import { KUBE_PRISM_PORT } from '../talos-config/kube-prism';

/** Cilium's defaults without SYS_MODULE, which Talos gives to no pod (docs.siderolabs.com, "Deploy Cilium CNI"). */
const CAPABILITIES = {
  ciliumAgent: [
    'CHOWN',
    'KILL',
    'NET_ADMIN',
    'NET_RAW',
    'IPC_LOCK',
    'SYS_ADMIN',
    'SYS_RESOURCE',
    'DAC_OVERRIDE',
    'FOWNER',
    'SETGID',
    'SETUID',
  ],
  cleanCiliumState: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_RESOURCE'],
} as const;

/** Prefix length of each node's block of the range of pods, with either IPAM; kube-controller-manager's default. */
const NODE_BLOCK = 24;

/**
 * `kubernetes`: the controller manager gives each Node its block, as Talos' documentation demands (docs.siderolabs.com,
 * "Deploy Cilium CNI"), and an agent waits for it. `cluster-pool`: Cilium's operator does, from the same range.
 */
const ipam = ({ cilium, podCidr }: ClusterPlan): object =>
  cilium.ipam === 'kubernetes'
    ? { ipam: { mode: 'kubernetes' }, k8s: { requireIPv4PodCIDR: true } }
    : {
        ipam: {
          mode: 'cluster-pool',
          operator: { clusterPoolIPv4PodCIDRList: [podCidr.toString()], clusterPoolIPv4MaskSize: NODE_BLOCK },
        },
      };

/** Seconds between two renewals of the lease that each announced service has (docs.cilium.io, "L2 Announcements"). */
const LEASE_RENEWAL = 5;
/** Requests a second of an agent to the API server that the chart allows by default, for all else. */
const USUAL_REQUESTS = 10;

/**
 * Exactly one program announces load-balancer addresses. With MetalLB, Cilium is told to leave Services of type
 * LoadBalancer alone: else it writes a status of its own to each. By ARP, every service costs a lease, and the limit of
 * requests has to grow with them (docs.cilium.io, "L2 Announcements", "Sizing client rate limit").
 */
const announcements = ({ announcements: { by }, loadBalancerPools }: ClusterPlan): object => {
  switch (by) {
    case 'metallb':
      return { defaultLBServiceIPAM: 'none' };
    case 'cilium-l2': {
      const services = loadBalancerPools.reduce((sum, { range }) => sum + range.size, 0);
      const qps = USUAL_REQUESTS + Math.ceil(services / LEASE_RENEWAL);
      return { l2announcements: { enabled: true }, k8sClientRateLimit: { qps, burst: 2 * qps } };
    }
    case 'cilium-bgp':
      return { bgpControlPlane: { enabled: true } };
  }
};

/**
 * Where TLS ends in the cluster, the proxy outside puts the client's address before each connection (platform/outside).
 * One setting for all listeners: what comes without it is refused (docs.cilium.io, Helm reference).
 */
const gatewayApi = ({ platform: { gateway, tlsEnd } }: ClusterPlan): object => ({
  enabled: gateway === 'cilium',
  ...(gateway === 'cilium' && tlsEnd === 'cluster' && { enableProxyProtocol: true }),
});

/** Values of the chart `cilium`, as far as they differ from its own or must not change with them. */
export const ciliumValues = (plan: ClusterPlan): object => ({
  ...ipam(plan),
  // Talos is told to run no kube-proxy.
  kubeProxyReplacement: true,
  // There is no kube-proxy that would serve 10.96.0.1 before Cilium does: ask through the node's own load balancer.
  k8sServiceHost: 'localhost',
  k8sServicePort: KUBE_PRISM_PORT,
  securityContext: { capabilities: CAPABILITIES },
  // Talos has mounted cgroup v2 there, and no pod may mount it again (docs.siderolabs.com, "Deploy Cilium CNI").
  cgroup: { autoMount: { enabled: false }, hostRoot: '/sys/fs/cgroup' },
  // Without it the replies of host DNS and of static pods miss their way (cilium/cilium issue 36852).
  bpf: { hostLegacyRouting: true },
  // No process takes a port that a NodePort service has. The chart's own default, which must not change.
  nodePort: { bindProtection: true },
  gatewayAPI: gatewayApi(plan),
  ...announcements(plan),
  hubble: { enabled: true, relay: { enabled: true, rollOutPods: true } },
  // Agents read their ConfigMap once: without these, another value would wait for a restart that nobody asks for.
  rollOutCiliumPods: true,
  envoy: { rollOutPods: true },
  operator: {
    // The chart's two replicas shun each other; on a single node the second would wait for ever.
    replicas: Math.min(2, plan.nodes.length),
    rollOutPods: true,
  },
});
