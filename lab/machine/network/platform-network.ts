import { parse } from 'yaml';
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

type Fields = Readonly<Record<string, unknown>>;

/** Values of nethelpers enums that a document may hold, in Talos' spelling. Source: pkg/machinery/nethelpers at v1.13.9. */
const ENUMS = {
  Family: ['inet4', 'inet6'],
  Scope: ['global', 'site', 'link', 'host', 'nowhere'],
  ConfigLayer: ['default', 'cmdline', 'platform', 'operator', 'configuration'],
  RoutingTable: ['unspec', 'default', 'main', 'local'],
  RouteType: [
    'unspec',
    'unicast',
    'local',
    'broadcast',
    'anycast',
    'multicast',
    'blackhole',
    'unreachable',
    'prohibit',
    'throw',
    'nat',
    'xresolve',
  ],
  LinkType: ['netrom', 'ether', 'eether', 'infiniband', 'loopback', 'none'],
  Operator: ['dhcp4', 'dhcp6', 'vip'],
} as const;

const list = (document: Fields, key: string): readonly Fields[] => {
  const value = document[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`yaml: unmarshal errors: ${key} is not a list`);
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new Error(`yaml: unmarshal errors: an item of ${key} is not a mapping`);
    return item as Fields;
  });
};

const text = (item: Fields, key: string): string => {
  const value = item[key];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`yaml: unmarshal errors: cannot unmarshal ${key} into string`);
};

const whole = (item: Fields, key: string, fallback: number): number => {
  const value = item[key];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new Error(`yaml: unmarshal errors: cannot unmarshal ${JSON.stringify(value)} of ${key} into uint32`);
};

const oneOf = (item: Fields, key: string, type: keyof typeof ENUMS): void => {
  const value = item[key];
  if (value === undefined || value === null || value === '') return;
  if (!(ENUMS[type] as readonly unknown[]).includes(value))
    throw new Error(`${typeof value === 'string' ? value : JSON.stringify(value)} does not belong to ${type} values`);
};

/**
 * The network that an image of the metal platform brings in META key 10. Keys that it does not know are ignored, as
 * Talos ignores them; a value of the wrong form is an error, and then nothing of it counts.
 * Source: pkg/machinery/resources/network, PlatformConfigSpec.
 * @throws Error with what is wrong
 */
export const parsePlatformNetwork = (yaml: string): NetworkConfig => {
  const document: unknown = parse(yaml);
  if (document === null) return NO_NETWORK;
  if (typeof document !== 'object' || Array.isArray(document))
    throw new Error('yaml: unmarshal errors: the document is not a mapping');
  const fields = document as Fields;
  const ignored: string[] = [];

  const addresses = list(fields, 'addresses').map((item): LinkAddress => {
    oneOf(item, 'family', 'Family');
    oneOf(item, 'scope', 'Scope');
    oneOf(item, 'layer', 'ConfigLayer');
    return { link: text(item, 'linkName'), cidr: parsePrefix(text(item, 'address')) };
  });
  const links = list(fields, 'links').flatMap((item): LinkSettings[] => {
    oneOf(item, 'type', 'LinkType');
    oneOf(item, 'layer', 'ConfigLayer');
    if (text(item, 'kind') !== '') {
      ignored.push(`link ${text(item, 'name')} of kind ${text(item, 'kind')}`);
      return [];
    }
    return [{ link: text(item, 'name'), up: item['up'] !== false, mtu: whole(item, 'mtu', 0) }];
  });
  const routes = list(fields, 'routes').map((item): Route => {
    for (const [key, type] of [
      ['family', 'Family'],
      ['scope', 'Scope'],
      ['table', 'RoutingTable'],
      ['type', 'RouteType'],
      ['layer', 'ConfigLayer'],
    ] as const)
      oneOf(item, key, type);
    const destination = text(item, 'dst');
    const gateway = text(item, 'gateway');
    const source = text(item, 'src');
    return {
      link: text(item, 'outLinkName'),
      destination: destination === '' ? 'default' : parsePrefix(destination),
      gateway: gateway === '' ? '' : parseAddress(gateway),
      source: source === '' ? '' : parseAddress(source),
      metric: whole(item, 'priority', DEFAULT_METRIC),
    };
  });
  for (const item of list(fields, 'operators')) {
    oneOf(item, 'operator', 'Operator');
    ignored.push(`operator ${text(item, 'operator')} on ${text(item, 'linkName')}`);
  }
  for (const item of list(fields, 'resolvers'))
    for (const server of (item['dnsServers'] ?? []) as readonly unknown[]) parseAddress(String(server));
  list(fields, 'timeServers');
  const [hostname] = list(fields, 'hostnames').map((item) => text(item, 'hostname'));
  return { links, addresses, routes, hostname: hostname === '' ? undefined : hostname, shared: [], ignored };
};
