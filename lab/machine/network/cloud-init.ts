import type { VirtualHardware } from '../../hardware/hypervisor';
import type { PhysicalLink } from './config-network';
import {
  DEFAULT_METRIC,
  NO_NETWORK,
  parseAddress,
  parsePrefix,
  type LinkAddress,
  type LinkSettings,
  type NetworkConfig,
  type Route,
} from './network-config';

/** `ip=10.0.1.1/16,gw=10.0.0.1` */
const fieldsOf = (option: string): ReadonlyMap<string, string> =>
  new Map(
    option.split(',').map((part) => {
      const sign = part.indexOf('=');
      return [part.slice(0, sign), part.slice(sign + 1)];
    }),
  );

/**
 * The network that Proxmox' cloud-init drive tells an image of the platform nocloud. Proxmox writes one entry for each
 * NIC, with its MAC address and what `ipconfig<n>` says (qemu-server src/PVE/QemuServer/Cloudinit.pm, nocloud_network),
 * and the VM's name as host name into user-data. Talos takes the link that has the MAC address, whatever it is called,
 * and reads no drive of another type than `nocloud`, since those have another label (siderolabs/talos v1.13.9,
 * internal/app/machined/pkg/runtime/v1alpha1/platform/nocloud).
 * @throws Error in the words of Go's netip where an address is none
 */
export const cloudInitNetwork = (
  { name, nics, cloudInit }: Pick<VirtualHardware, 'name' | 'nics' | 'cloudInit'>,
  physical: readonly PhysicalLink[],
): NetworkConfig => {
  if (cloudInit === undefined || (cloudInit['citype'] ?? 'nocloud') !== 'nocloud') return NO_NETWORK;
  const links: LinkSettings[] = [];
  const addresses: LinkAddress[] = [];
  const routes: Route[] = [];
  const ignored = cloudInit['cicustom'] === undefined ? [] : [`cicustom ${cloudInit['cicustom']}`];
  for (const [index, { mac }] of nics.entries()) {
    const link = physical.find((own) => own.mac.toLowerCase() === mac.toLowerCase())?.name ?? `eth${index}`;
    links.push({ link, up: true, mtu: 0 });
    const fields = fieldsOf(cloudInit[`ipconfig${index}`] ?? '');
    const ip = fields.get('ip');
    const gateway = fields.get('gw');
    if (ip === 'dhcp') ignored.push(`dhcp on ${link}: no server answers`);
    else if (ip !== undefined) addresses.push({ link, cidr: parsePrefix(ip) });
    if (gateway !== undefined)
      routes.push({
        link,
        destination: 'default',
        gateway: parseAddress(gateway),
        source: '',
        metric: DEFAULT_METRIC,
      });
  }
  const servers = (cloudInit['nameserver'] ?? '').split(/[\s,]+/).filter((server) => server !== '');
  for (const server of servers) parseAddress(server);
  return { ...NO_NETWORK, links, addresses, routes, hostname: name.split('.')[0], ignored };
};
