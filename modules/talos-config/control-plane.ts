import type { ClusterPlan } from '../model/cluster-plan';
import { ownAddressSubnets } from './every-node';

/** Where pods that take etcd snapshots through the Talos API run; no other namespace may ask it. */
const BACKUP_NAMESPACE = 'etcd-backup';

/**
 * Without workers pods run on the control planes, and a load balancer must find them there: Talos labels control planes
 * away from load balancers by default.
 */
const scheduling = (plan: ClusterPlan): { machine: object; cluster: object } =>
  plan.schedulableControlPlanes
    ? {
        machine: { nodeLabels: { 'node.kubernetes.io/exclude-from-external-load-balancers': { $patch: 'delete' } } },
        cluster: { allowSchedulingOnControlPlanes: true },
      }
    : { machine: {}, cluster: {} };

/** The part of the machine config that control planes have beside what every node has. */
export const controlPlane = (plan: ClusterPlan): object => {
  const { machine, cluster } = scheduling(plan);
  return {
    machine: {
      ...machine,
      features: {
        kubernetesTalosAPIAccess: {
          enabled: true,
          allowedRoles: ['os:etcd:backup'],
          allowedKubernetesNamespaces: [BACKUP_NAMESPACE],
        },
      },
    },
    cluster: {
      ...cluster,
      // Talos' generator has put the endpoint's host, the VIP, there already; patches append to this list.
      apiServer: { certSANs: ['127.0.0.1'] },
      // Cilium replaces it.
      proxy: { disabled: true },
      etcd: { advertisedSubnets: ownAddressSubnets(plan) },
    },
  };
};
