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

/** Values of the chart `cilium`, as far as they differ from its own or must not change with them. */
export const ciliumValues = (plan: ClusterPlan): object => ({
  // Node CIDRs are given by the controller manager, as Talos demands.
  ipam: { mode: 'kubernetes' },
  kubeProxyReplacement: true,
  // There is no kube-proxy that would serve 10.96.0.1 before Cilium does: ask through the node's own load balancer.
  k8sServiceHost: 'localhost',
  k8sServicePort: KUBE_PRISM_PORT,
  securityContext: { capabilities: CAPABILITIES },
  // Talos has mounted it.
  cgroup: { autoMount: { enabled: false }, hostRoot: '/sys/fs/cgroup' },
  // Without it the replies of host DNS and of static pods miss their way (cilium/cilium issue 36852).
  bpf: { hostLegacyRouting: true },
  nodePort: { bindProtection: true },
  gatewayAPI: { enabled: true },
  hubble: { enabled: true, relay: { enabled: true } },
  // The chart's two replicas shun each other; on a single node the second would wait for ever.
  operator: { replicas: Math.min(2, plan.nodes.length) },
});
