import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { findKubeconfig, findTalosconfig } from '../deployment/credentials';
import type { Environment } from '../deployment/find-cluster';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { ProxmoxClient, proxmoxAccess } from '../proxmox/proxmox-client';
import { TalosClient } from '../talos/talos-client';
import { connects, dnsAnswers, servedCertificate, type ServedCertificate } from './network-probe';

/** Something, or why there is none. */
export type Look<Data> = { readonly data: Data } | { readonly why: string };

/** A way into one of the systems, and the certificate by which it lets us in. */
export interface Access<Client> {
  readonly client: Client;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly ca: string;
}

/** All that health has of the world; it only reads. */
export interface Readers {
  readonly proxmox: Look<Pick<ProxmoxClient, 'get'>>;
  readonly talos: Look<
    Access<Pick<TalosClient, 'version' | 'services' | 'status' | 'etcdMembers' | 'etcdAlarms' | 'time'>>
  >;
  readonly kubernetes: Look<Access<Pick<KubernetesClient, 'get' | 'call'>>>;
  readonly servedCertificate: (host: string, port: number) => Promise<ServedCertificate>;
  readonly connects: (host: string, port: number) => Promise<void>;
  readonly dnsAnswers: (host: string, zone: string) => Promise<void>;
  readonly now: () => Date;
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An answer; a refusal or a silence is one too. */
export const look = async <Data>(ask: () => Promise<Data> | Data): Promise<Look<Data>> => {
  try {
    return { data: await ask() };
  } catch (error) {
    return { why: wordsOf(error) };
  }
};

/** The real ones. @param limitMs of each call */
export const readersOf = async (plan: ClusterPlan, environment: Environment, limitMs: number): Promise<Readers> => {
  const [proxmox, talos, kubernetes] = await Promise.all([
    look(() => new ProxmoxClient(proxmoxAccess(plan.proxmox, environment), limitMs)),
    look(async () => {
      const identity = await findTalosconfig(plan, environment);
      const { certificate, ca } = identity;
      return { client: new TalosClient(identity, limitMs), certificate: certificate.toString(), ca: ca.toString() };
    }),
    look(async () => {
      const identity = await findKubeconfig(plan, environment);
      return { ...identity, client: new KubernetesClient(identity, limitMs) };
    }),
  ]);
  return {
    ...{ proxmox, talos, kubernetes },
    servedCertificate: (host, port) => servedCertificate(host, port, limitMs),
    connects: (host, port) => connects(host, port, limitMs),
    dnsAnswers: (host, zone) => dnsAnswers(host, zone, limitMs),
    now: () => new Date(),
  };
};
