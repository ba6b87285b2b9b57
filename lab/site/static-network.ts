import { parse } from 'yaml';
import { blocks, isJson, text, type Json } from './terraform-json';

/** What one machine is told of its network before it boots. */
export interface StaticNetwork {
  /** Undefined where the source has none, as cloud-init's `ip_config`. */
  readonly hostname?: string;
  /** Without mask. */
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
}

const CIDR = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/;

/** META key of the metal platform's network configuration. Source: siderolabs/talos internal/pkg/meta/constants.go. */
const META_NETWORK_KEY = 10;

const fromParts = (
  cidr: string | undefined,
  gateway: string | undefined,
  hostname?: string,
): StaticNetwork | undefined => {
  const [, address, prefix] = CIDR.exec(cidr ?? '') ?? [];
  if (address === undefined || prefix === undefined || gateway === undefined) return undefined;
  return { address, prefix: Number(prefix), gateway, ...(hostname === undefined ? {} : { hostname }) };
};

const parseYaml = (value: unknown): Json => {
  const parsed: unknown = typeof value === 'string' ? parse(value) : value;
  return isJson(parsed) ? parsed : {};
};

/** From the META key 10 that an image's schematic carries: first address, first route with a gateway. */
export const fromSchematic = (schematic: string): StaticNetwork | undefined => {
  const [customization] = blocks(parseYaml(schematic)['customization']);
  const meta = blocks(customization?.['meta']).find(({ key }) => Number(key) === META_NETWORK_KEY);
  if (meta === undefined) return undefined;
  const network = parseYaml(meta['value']);
  return fromParts(
    text(blocks(network['addresses'])[0]?.['address']),
    blocks(network['routes'])
      .map(({ gateway }) => text(gateway))
      .find((gateway) => gateway !== undefined),
    text(blocks(network['hostnames'])[0]?.['hostname']),
  );
};

/** From the cloud-init settings of a VM, as the `nocloud` platform reads them. */
export const fromCloudInit = (vm: Json): StaticNetwork | undefined => {
  const ipv4 = blocks(vm['initialization'])
    .flatMap((init) => blocks(init['ip_config']))
    .flatMap((ip) => blocks(ip['ipv4']));
  return ipv4.map((ip) => fromParts(text(ip['address']), text(ip['gateway']))).find((network) => network !== undefined);
};
