import type { ClusterPlan } from '../model/cluster-plan';
import { kubeVipManifest } from './kube-vip-manifest';

/**
 * What a control plane's machine config says so that the endpoint's address is answered: kube-vip as an inline manifest,
 * or Talos' own VIP, which is held by an election in etcd.
 */
export const vipPatch = (plan: ClusterPlan): object => {
  switch (plan.endpoint.provider) {
    case 'kube-vip':
      return { cluster: { inlineManifests: [{ name: 'kube-vip', contents: kubeVipManifest(plan) }] } };
    case 'talos':
      return {
        machine: { network: { interfaces: [{ interface: 'eth0', vip: { ip: plan.endpoint.vip.toString() } }] } },
      };
  }
};
