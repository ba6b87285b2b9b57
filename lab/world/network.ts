import { bridgeName } from '../hypervisor/wiring';
import type { Site } from '../site/site';
import type { HostAddress } from './addresses';

/** A fixed MAC: else the bridge takes that of its lowest port, and each VM that comes or goes would change it. */
const bridgeMac = (index: number): string => `02:67:77:00:00:${(index + 1).toString(16).padStart(2, '0')}`;

/** Lines for `ip -batch`: every bridge of the data centre, the gateway's address, one address for each server. */
export const networkBatch = (site: Site, hosts: readonly HostAddress[]): readonly string[] => {
  const { network } = site;
  const gateway = bridgeName(network.bridge, network.vlan);
  const bridges = [...new Set([...site.proxmox.bridges, network.bridge, gateway])];
  const addresses = [...new Set(hosts.map(({ address }) => address))].filter((address) => address !== network.gateway);
  return [
    'link set lo up',
    ...bridges.flatMap((bridge, index) => [
      `link add ${bridge} address ${bridgeMac(index)} type bridge mcast_snooping 0`,
      `link set ${bridge} up`,
    ]),
    `addr add ${network.gateway}/${network.prefix} dev ${gateway}`,
    ...addresses.map((address) => `addr add ${address}/32 dev lo`),
  ];
};
