import { isIPv4 } from 'node:net';
import type { Site } from '../site/site';

/** Documentation ranges (RFC 5737): nobody's network, so one of them is free in any cluster's. */
const RANGES = ['192.0.2.', '198.51.100.', '203.0.113.'];

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** True where `address` is in the network of `prefix` bits around `member`. */
export const inNetwork = (address: string, member: string, prefix: number): boolean => {
  const size = 2 ** (32 - prefix);
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(member) / size);
};

/** A host of the data centre and the address that it answers at. */
export interface HostAddress {
  readonly host: string;
  readonly address: string;
}

/**
 * One address for each host outside the cluster: Proxmox (with the names of its nodes), the image factories,
 * chart repositories, discovery. A host that is an address already keeps it.
 * @throws Error where the cluster's network covers every documentation range
 */
export const hostAddresses = (site: Site): readonly HostAddress[] => {
  const range = RANGES.find((start) => !inNetwork(`${start}1`, site.network.gateway, site.network.prefix));
  if (range === undefined) {
    throw new Error(
      `network ${site.network.gateway}/${site.network.prefix} covers ${RANGES.join('0, ')}0: the lab has no address left for its servers`,
    );
  }
  const { proxmox } = site;
  const urls = [...site.imageFactories, ...site.chartRepositories.map(({ url }) => url), site.discovery];
  const hosts = [...new Set([proxmox.host, ...urls.map((url) => new URL(url).hostname)])];
  const addressed = hosts.map((host, index) => ({ host, address: isIPv4(host) ? host : `${range}${index + 1}` }));
  const endpoint = addressed[0]?.address ?? '';
  const nodes = proxmox.hosts.filter((name) => !hosts.includes(name)).map((host) => ({ host, address: endpoint }));
  return [...addressed, ...nodes];
};

/** `/etc/hosts` of the lab: these names and nothing else. */
export const hostsFile = (hosts: readonly HostAddress[]): string =>
  [
    '127.0.0.1 localhost',
    '::1 localhost',
    ...hosts.filter(({ host }) => !isIPv4(host)).map(({ host, address }) => `${address} ${host}`),
    '',
  ].join('\n');
