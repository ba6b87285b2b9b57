import { startDiscovery } from '../discovery/discovery';
import { durationsOf } from '../durations/durations';
import { startImageFactory } from '../image-factory/image-factory';
import type { Hypervisor } from '../hardware/hypervisor';
import type { Site } from '../site/site';
import type { HostAddress } from './addresses';
import type { Authority } from './authority';
import type { LabImageFactory, LabProxmox } from './running-lab';

/** The token that Terraform uses, made for one lab. */
export const API_TOKEN = { user: 'terraform@pve', tokenId: 'groundwork' } as const;

export interface DataCentreOptions {
  readonly site: Site;
  readonly hosts: readonly HostAddress[];
  readonly authority: Authority;
  readonly hypervisor: Hypervisor;
  /** `user@realm!name=secret`. */
  readonly apiToken: string;
  /** Name of a profile of durations. */
  readonly profile: string;
  /** Folder of the storages' content. */
  readonly storages: string;
}

export interface DataCentre {
  readonly proxmox: LabProxmox;
  readonly factory: LabImageFactory;
  close(): Promise<void>;
}

/** Everything outside the cluster that a deploy talks to, each server at its own address. */
export const startDataCentre = async (options: DataCentreOptions): Promise<DataCentre> => {
  const { site, hosts, authority } = options;
  const durations = durationsOf(options.profile);
  const addressOf = (host: string): string => hosts.find((entry) => entry.host === host)?.address ?? host;
  const listenAs = async (url: string) => {
    const { hostname, port } = new URL(url);
    return { host: addressOf(hostname), port: Number(port || 443), tls: await authority.issue([hostname]) };
  };
  const factories = await Promise.all(
    site.imageFactories.map(async (url) => startImageFactory({ ...(await listenAs(url)), durations })),
  );
  const discovery = await startDiscovery(await listenAs(site.discovery));
  return {
    proxmox: { virtualMachines: () => [], volumes: () => [] },
    factory: { schematics: () => factories.flatMap((factory) => factory.schematics()) },
    close: async () => {
      await Promise.all([...factories, discovery].map((server) => server.close()));
    },
  };
};
