import type { NodeSite } from '../site/site';
import type { RunningLab } from '../world/running-lab';
import type { KubernetesApi } from './kubernetes-api';

interface Link {
  readonly addr_info: readonly { readonly local?: string }[];
}

/** The VIP: what the kubeconfig names as the server. */
export const apiAddressOf = (api: KubernetesApi): string => api.server.hostname;

/** Control planes that have `address` on an interface, as `ip` says in their own network namespaces. */
export const vipHolders = async (lab: RunningLab, address: string): Promise<readonly NodeSite[]> => {
  const planes = lab.site.nodes.filter(({ role, vmid }) => role === 'controlplane' && lab.hypervisor.isRunning(vmid));
  const held = await Promise.all(
    planes.map(async ({ name, vmid }) => {
      const { status, stdout, stderr } = await lab.inNode(vmid, ['ip', '-json', 'address', 'show']);
      if (status !== 0) throw new Error(`ip address show on ${name}: status ${status} ${stderr.trim()}`);
      return (JSON.parse(stdout) as readonly Link[]).some(({ addr_info }) =>
        addr_info.some(({ local }) => local === address),
      );
    }),
  );
  return planes.filter((_, index) => held[index]);
};

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/plndr-cp-lock';

/** Node that kube-vip's lease names; empty where nobody holds it; undefined where kube-vip has made none: Talos' own VIP has no lease. */
export const leaseHolder = async (api: KubernetesApi): Promise<string | undefined> => {
  try {
    const { spec } = await api.get<{ readonly spec: { readonly holderIdentity?: string } }>(LEASE);
    return spec.holderIdentity ?? '';
  } catch (error) {
    if (/: HTTP 404 /.test((error as Error).message)) return undefined;
    throw error;
  }
};
