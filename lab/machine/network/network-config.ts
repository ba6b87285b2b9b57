/** An address on a link. */
export interface LinkAddress {
  readonly link: string;
  /** With mask, as `10.0.1.1/16`. */
  readonly cidr: string;
}

export interface Route {
  readonly link: string;
  /** `default`, or with mask as `10.1.0.0/16`. */
  readonly destination: string;
  /** Empty: the destination is on the link. */
  readonly gateway: string;
  /** Empty: the kernel chooses. */
  readonly source: string;
  readonly metric: number;
}

export interface LinkSettings {
  readonly link: string;
  readonly up: boolean;
  /** 0: as it is. */
  readonly mtu: number;
}

/** What one layer asks of a machine's network: the platform's from META, or the machine config's. */
export interface NetworkConfig {
  readonly links: readonly LinkSettings[];
  readonly addresses: readonly LinkAddress[];
  readonly routes: readonly Route[];
  readonly hostname: string | undefined;
  /** Addresses without mask that a machine holds when it is elected to: Talos' own VIP. */
  readonly shared: readonly { readonly link: string; readonly address: string }[];
  /** Things asked for that the lab has no counterpart of, in words. */
  readonly ignored: readonly string[];
}

export const NO_NETWORK: NetworkConfig = {
  links: [],
  addresses: [],
  routes: [],
  hostname: undefined,
  shared: [],
  ignored: [],
};

/** Talos' default metric of a route. Source: pkg/machinery/resources/network, DefaultRouteMetric. */
export const DEFAULT_METRIC = 1024;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/;

export const isIpv4 = (text: string): boolean => IPV4.test(text) && !text.endsWith('.');

/** @throws Error in the words of Go's netip where `text` is not an address */
export const parseAddress = (text: string): string => {
  if (isIpv4(text) || (text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text))) return text;
  throw new Error(`ParseAddr(${JSON.stringify(text)}): unable to parse IP`);
};

/** @throws Error in the words of Go's netip where `text` is not an address with a mask */
export const parsePrefix = (text: string): string => {
  const slash = text.lastIndexOf('/');
  if (slash < 0) throw new Error(`netip.ParsePrefix(${JSON.stringify(text)}): no '/'`);
  try {
    parseAddress(text.slice(0, slash));
  } catch (fault) {
    throw new Error(`netip.ParsePrefix(${JSON.stringify(text)}): ${(fault as Error).message}`);
  }
  const bits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(bits))
    throw new Error(`netip.ParsePrefix(${JSON.stringify(text)}): bad bits after slash: ${JSON.stringify(bits)}`);
  if (Number(bits) > (text.includes(':') ? 128 : 32))
    throw new Error(`netip.ParsePrefix(${JSON.stringify(text)}): prefix length out of range`);
  return text;
};
