import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART_REPOSITORIES, type ChartRepository } from '../charts/catalogue';
import { startChartRepositories } from '../charts/chart-repositories';
import { startDiscovery } from '../discovery/discovery';
import { durationsOf } from '../durations/durations';
import type { Hypervisor } from '../hardware/hypervisor';
import { startImageFactory, type ImageFactory } from '../image-factory/image-factory';
import { startProxmox } from '../proxmox/server';
import type { StorageOptions } from '../proxmox/storage/storages';
import type { ChartRepositorySite, Site, StorageSite } from '../site/site';
import { accessList } from './access-list';
import type { HostAddress } from './addresses';
import type { Authority } from './authority';
import type { LabImageFactory, LabProxmox } from './running-lab';

/** The token that Terraform uses; its secret is made for one lab. */
export const API_TOKEN = { user: 'terraform@pve', tokenId: 'groundwork' } as const;

export interface DataCentreOptions {
  readonly site: Site;
  readonly hosts: readonly HostAddress[];
  readonly authority: Authority;
  /** Of a factory that Proxmox is told not to verify: its hosts do not know this one, who deploys does. */
  readonly stranger: Authority;
  readonly hypervisor: Hypervisor;
  /** Secret of the token. */
  readonly secret: string;
  /** Name of a profile of durations. */
  readonly profile: string;
  /** Folder of the storages' content. */
  readonly storages: string;
  readonly logFolder: string;
}

export interface DataCentre {
  readonly proxmox: LabProxmox;
  readonly factory: LabImageFactory;
  close(): Promise<void>;
}

const STORAGE_BYTES = 1024 ** 4;

/** A storage with files in it is a folder; one with nothing but disks is a thin pool, as `local-lvm` is. */
const storageOf = ({ name, content, shared }: StorageSite, folder: string): StorageOptions => ({
  name,
  type: content.every((type) => type === 'images') ? 'lvmthin' : shared ? 'nfs' : 'dir',
  content,
  shared,
  path: join(folder, name),
  sizeBytes: STORAGE_BYTES,
});

/**
 * The stand-ins for what a stack installs, at the URLs that the stack names, a mirror's included.
 * @throws Error with every chart that has none
 */
export const standIns = (wanted: readonly ChartRepositorySite[]): readonly ChartRepository[] => {
  const known = CHART_REPOSITORIES.flatMap(({ charts }) => charts);
  const missing = wanted.flatMap(({ url, charts }) =>
    charts.flatMap(({ name, version }) => {
      const versions = known.find((chart) => chart.name === name)?.versions.map((chart) => chart.version);
      if (versions === undefined) return [`chart ${name} of ${url} has no stand-in in lab/charts/catalogue.ts`];
      if (versions.includes(version)) return [];
      return [`chart ${name} ${version} has no stand-in in lab/charts/catalogue.ts: there is ${versions.join(', ')}`];
    }),
  );
  if (missing.length > 0) throw new Error(missing.join('\n'));
  return wanted.map(({ url, charts }) => ({
    url,
    charts: known.filter(({ name }) => charts.some((chart) => chart.name === name)),
  }));
};

/** Everything outside the cluster that a deploy talks to, each server at its own address. */
export const startDataCentre = async (options: DataCentreOptions): Promise<DataCentre> => {
  const { site, hosts, authority, stranger, hypervisor, logFolder } = options;
  const durations = durationsOf(options.profile);
  const addressOf = (host: string): string => hosts.find((entry) => entry.host === host)?.address ?? host;
  const log = (line: string): void =>
    appendFileSync(join(logFolder, 'proxmox.log'), `${new Date().toISOString()} ${line}\n`);
  const listenAs = async (url: string) => {
    const { hostname, port } = new URL(url);
    const issuer = site.unverifiedFactories?.includes(url) === true ? stranger : authority;
    return { host: addressOf(hostname), port: Number(port || 443), tls: await issuer.issue([hostname]) };
  };
  /** Without TLS where its URL has none. */
  const factoryAs = async (url: string): Promise<ImageFactory> => {
    const { hostname, port, protocol } = new URL(url);
    const plain = { host: addressOf(hostname), port: Number(port || 80) };
    return startImageFactory({ ...(protocol === 'http:' ? plain : await listenAs(url)), durations });
  };
  const repositories = standIns(site.chartRepositories);
  const chartHosts = site.chartRepositories.map(({ host }) => host);
  const [proxmox, discovery, charts, ...factories] = await Promise.all([
    startProxmox({
      listen: { host: addressOf(site.proxmox.host), port: site.proxmox.port },
      tls: await authority.issue([site.proxmox.host, ...site.proxmox.hosts]),
      hosts: site.proxmox.hosts.map((name) => ({
        name,
        address: addressOf(name),
        arm64: site.proxmox.arm64Hosts?.includes(name) === true,
      })),
      storages: site.proxmox.storages.map((storage) => storageOf(storage, options.storages)),
      bridges: site.proxmox.bridges,
      pools: site.proxmox.pools,
      pciMappings: site.proxmox.pciMappings,
      tokens: [{ ...API_TOKEN, secret: options.secret, privilegeSeparation: false }],
      users: [{ id: API_TOKEN.user, acl: accessList(site) }],
      hypervisor,
      durations,
      trusted: [authority.certificate],
      log,
    }),
    listenAs(site.discovery).then(startDiscovery),
    chartHosts.length === 0
      ? undefined
      : startChartRepositories({
          host: addressOf(chartHosts[0] ?? ''),
          port: 443,
          tls: await authority.issue(chartHosts),
          repositories,
        }),
    ...site.imageFactories.map(factoryAs),
  ]);
  return {
    proxmox: {
      virtualMachines: () =>
        proxmox
          .snapshot()
          .vms.map(({ vmid, name, node, status }) => ({ vmid, name, host: node, running: status === 'running' })),
      volumes: () => {
        const { disks, images } = proxmox.snapshot();
        return [...disks, ...images].map(({ volid }) => volid);
      },
    },
    factory: { schematics: () => factories.flatMap((factory) => factory.schematics()) },
    close: async () => {
      await Promise.all(
        [proxmox, discovery, ...factories, ...(charts === undefined ? [] : [charts])].map((server) => server.close()),
      );
    },
  };
};
