import type { MachineConfig } from '../machine-config';
import {
  DEFAULT_METRIC,
  parseAddress,
  parsePrefix,
  type LinkAddress,
  type LinkSettings,
  type NetworkConfig,
  type Route,
} from './network-config';

interface Interface {
  readonly interface?: string;
  readonly deviceSelector?: { readonly hardwareAddr?: string; readonly physical?: boolean };
  readonly addresses?: readonly string[];
  readonly cidr?: string;
  readonly routes?: readonly {
    readonly network?: string;
    readonly gateway?: string;
    readonly source?: string;
    readonly metric?: number;
  }[];
  readonly mtu?: number;
  readonly dhcp?: boolean;
  readonly ignore?: boolean;
  readonly vip?: { readonly ip?: string };
  readonly vlans?: readonly unknown[];
  readonly bond?: unknown;
  readonly bridge?: unknown;
}

/** A physical link of the machine. */
export interface PhysicalLink {
  readonly name: string;
  /** Lower case, colon-separated. */
  readonly mac: string;
}

const linkOf = (
  { interface: name, deviceSelector }: Interface,
  physical: readonly PhysicalLink[],
): string | undefined => {
  if (name !== undefined && name !== '') return name;
  const mac = deviceSelector?.hardwareAddr?.toLowerCase();
  if (mac !== undefined) return physical.find((link) => link.mac === mac)?.name;
  return deviceSelector?.physical === true ? physical[0]?.name : undefined;
};

/**
 * The network that a machine config asks for, over that of the platform. An address without mask is a host address,
 * as in Talos (internal/app/machined/pkg/controllers/network/address_config.go).
 */
export const configNetwork = (config: MachineConfig, physical: readonly PhysicalLink[]): NetworkConfig => {
  const links: LinkSettings[] = [];
  const addresses: LinkAddress[] = [];
  const routes: Route[] = [];
  const ignored: string[] = [];
  const shared: { link: string; address: string }[] = [];
  for (const device of config.interfaces as readonly Interface[]) {
    const link = linkOf(device, physical);
    if (link === undefined || device.ignore === true) {
      if (link === undefined) ignored.push('interface that no link matches');
      continue;
    }
    links.push({ link, up: true, mtu: device.mtu ?? 0 });
    for (const address of [...(device.addresses ?? []), ...(device.cidr === undefined ? [] : [device.cidr])])
      addresses.push({
        link,
        cidr: address.includes('/')
          ? parsePrefix(address)
          : `${parseAddress(address)}/${address.includes(':') ? 128 : 32}`,
      });
    for (const { network, gateway, source, metric } of device.routes ?? [])
      routes.push({
        link,
        destination: network === undefined || network === '' || network === '0.0.0.0/0' ? 'default' : network,
        gateway: gateway ?? '',
        source: source ?? '',
        metric: metric ?? DEFAULT_METRIC,
      });
    if (device.dhcp === true) ignored.push(`dhcp on ${link}: no server answers`);
    if (device.vip?.ip !== undefined) shared.push({ link, address: parseAddress(device.vip.ip) });
    for (const key of ['vlans', 'bond', 'bridge'] as const)
      if (device[key] !== undefined) ignored.push(`${key} on ${link}`);
  }
  return { links, addresses, routes, hostname: config.hostname, shared, ignored };
};
