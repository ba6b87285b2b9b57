import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { Finding } from '../finding';
import { certificates } from './certificate-check';
import { kubeVip } from './kube-vip-check';
import { kubernetesApi, nodes, vip } from './kubernetes-checks';
import { Looks } from './looks';
import { etcd, machines, proxmoxApi, talosApi, talosServices, time } from './machine-checks';
import { wordsOf, type Readers } from './readers';
import { cilium, dns, flux, fluxSync, ingress } from './service-checks';
import type { Verdict } from './verdict';

/** Every check, in the order of the report: what explains others comes first. */
export const HEALTH_CHECKS = {
  'proxmox-api': { run: proxmoxApi, looksAt: 'Proxmox answers to the token' },
  machines: { run: machines, looksAt: 'each VM runs, on its recorded host, with the cluster’s tag' },
  'talos-api': { run: talosApi, looksAt: 'each node answers with its certificate, in stage RUNNING' },
  'talos-services': { run: talosServices, looksAt: 'each service of each node but etcd is healthy' },
  time: { run: time, looksAt: 'each node is within 2 s of its time server' },
  etcd: { run: etcd, looksAt: 'one healthy voting member on each control plane and no other, no alarm, a quorum' },
  'kubernetes-api': { run: kubernetesApi, looksAt: 'the API server of each control plane is ready' },
  vip: { run: vip, looksAt: 'the API answers at the VIP; a control plane holds the lease and renews it' },
  'kube-vip': { run: kubeVip, looksAt: 'kube-vip’s objects are as planned, its pods ready' },
  nodes: { run: nodes, looksAt: 'each planned node, and no other, is Ready at its address' },
  cilium: { run: cilium, looksAt: 'the release is deployed at its version, an agent ready on each node' },
  flux: { run: flux, looksAt: 'the releases are deployed at their versions, the controllers available' },
  'flux-sync': { run: fluxSync, looksAt: 'what Flux follows is fetched and applied' },
  ingress: { run: ingress, looksAt: 'services with an address of the pool ingress take connections' },
  dns: { run: dns, looksAt: 'services with an address of the pool dns answer to DNS' },
  certificates: {
    run: certificates,
    looksAt: 'credentials and their authorities last 30 days and more, nothing that is served has expired',
  },
} as const satisfies Readonly<
  Record<string, { readonly run: (looks: Looks) => Promise<Verdict>; readonly looksAt: string }>
>;

export type HealthCheck = keyof typeof HEALTH_CHECKS;
export const HEALTH_CHECK_NAMES = Object.keys(HEALTH_CHECKS) as HealthCheck[];

/** A call may wait for one that it needs, and that for another: proxmox, Talos, an API server, an object. */
const CALLS_IN_A_ROW = 4;

const limited = async (run: Promise<Verdict>, limitMs: number): Promise<Verdict> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => {
      resolve({
        outcome: 'FAIL',
        fact: `not done within ${limitMs / 1000} s`,
        fix: 'raise --timeout, or look at the network',
      });
    }, limitMs);
  });
  try {
    return await Promise.race([run, late]);
  } catch (error) {
    // A check that fell over has looked at nothing: that is no PASS.
    return { outcome: 'FAIL', fact: `the check itself failed: ${wordsOf(error)}`, fix: 'report it, with this line' };
  } finally {
    clearTimeout(timer);
  }
};

/** Looks at a deployed cluster, changing nothing: checks side by side, each with a time limit. */
export const health = (
  plan: ClusterPlan,
  readers: Readers,
  callLimitMs: number,
): Promise<readonly Finding<HealthCheck>[]> => {
  const looks = new Looks(plan, readers);
  return Promise.all(
    HEALTH_CHECK_NAMES.map(async (check) => ({
      check,
      ...(await limited(HEALTH_CHECKS[check].run(looks), CALLS_IN_A_ROW * callLimitMs)),
    })),
  );
};
