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
 * Addresses of the servers outside the cluster: Proxmox (its nodes' names lead there too), each image factory, all chart
 * repositories together, discovery. A host that is an address already keeps it.
 * @throws Error where the cluster's network covers every documentation range
 */
export const hostAddresses = (site: Site): readonly HostAddress[] => {
  const { gateway, prefix } = site.network;
  const range = RANGES.find((start) => !inNetwork(`${start}1`, gateway, prefix));
  if (range === undefined) {
    const ranges = RANGES.map((start) => `${start}0/24`).join(', ');
    throw new Error(`network ${gateway}/${prefix} covers ${ranges}: the lab has no address left for its servers`);
  }
  const hostOf = (url: string): string => new URL(url).hostname;
  const servers = [
    [site.proxmox.host, ...site.proxmox.hosts],
    ...site.imageFactories.map((url) => [hostOf(url)]),
    site.chartRepositories.map(({ host }) => host),
    [hostOf(site.discovery)],
  ];
  const taken = new Set<string>();
  return servers.flatMap((names, index) => {
    const address = names.find(isIPv4) ?? `${range}${index + 1}`;
    const fresh = [...new Set(names)].filter((name) => !taken.has(name));
    fresh.forEach((name) => taken.add(name));
    return fresh.map((host) => ({ host, address }));
  });
};

/** `/etc/hosts` of the lab: these names and nothing else. */
export const hostsFile = (hosts: readonly HostAddress[]): string =>
  [
    '127.0.0.1 localhost',
    '::1 localhost',
    ...hosts.filter(({ host }) => !isIPv4(host)).map(({ host, address }) => `${address} ${host}`),
    '',
  ].join('\n');
