import { z } from 'zod';
import { Cidr, IpRange, Ipv4 } from './addresses';
import { parseState, showState, stateFault } from './state';

/** Codes of what a text can be refused for. */
export type TextCode =
  | 'invalid-address'
  | 'invalid-network'
  | 'invalid-range'
  | 'invalid-name'
  | 'invalid-url'
  | 'invalid-path'
  | 'invalid-version';

interface TextKind<T> {
  readonly code: TextCode;
  /** What the text is, in messages: `address`. */
  readonly noun: string;
  readonly example: string;
  /** What is wrong with it and what is allowed, to follow the value in a sentence; undefined where nothing is. */
  readonly fault: (text: string) => string | undefined;
  readonly parse: (text: string) => T;
  /** How it is quoted in messages, where that is not as it stands. */
  readonly show?: (text: string) => string;
}

const itself = (value: string): string => value;

/** A field that a person writes as text: what it means is made of it at once, so that no bare text is passed on. */
const text = <T>({ code, noun, example, fault, parse, show = itself }: TextKind<T>) =>
  z
    .string()
    .transform((input, context) => {
      const found = fault(input);
      if (found === undefined) return parse(input);
      context.issues.push({ code: 'custom', input, message: `${noun} "${show(input)}" ${found}`, params: { code } });
      return z.NEVER;
    })
    .meta({ examples: [example] });

const matching =
  (pattern: RegExp, otherwise: string) =>
  (value: string): string | undefined =>
    pattern.test(value) ? undefined : otherwise;

/** 224.0.0.0: from there on no address belongs to one machine, so that counting up from below stays within IPv4. */
const FIRST_MULTICAST = Ipv4.parse('224.0.0.0');
const hostFault = (value: string): string | undefined =>
  Ipv4.fault(value) ??
  (Ipv4.parse(value).value < FIRST_MULTICAST.value
    ? undefined
    : 'is a multicast or reserved address; addresses of machines end at 223.255.255.255');

export const address = (example: string) =>
  text({ code: 'invalid-address', noun: 'address', example, fault: hostFault, parse: (value) => Ipv4.parse(value) });

/** A network that nodes can be in: smaller than /29 it would hold no cluster, larger than /8 there is none to have. */
export const nodeNetwork = (example: string) =>
  text({
    code: 'invalid-network',
    noun: 'network',
    example,
    fault: (value) => {
      const fault = Cidr.fault(value);
      if (fault !== undefined) return fault;
      const { prefixLength } = Cidr.parse(value);
      return prefixLength < 8 || prefixLength > 29 ? `has the prefix length ${prefixLength}; it is 8 to 29` : undefined;
    },
    parse: (value) => Cidr.parse(value),
  });

export const network = (example: string) =>
  text({
    code: 'invalid-network',
    noun: 'network',
    example,
    fault: (value) => Cidr.fault(value),
    parse: (value) => Cidr.parse(value),
  });

export const range = (example: string) =>
  text({
    code: 'invalid-range',
    noun: 'range',
    example,
    fault: (value) => IpRange.fault(value),
    parse: (value) => IpRange.parse(value),
  });

/** Longest name of a cluster or pool: with the index of a node, and `talos-` before it, a DNS label has 63 characters at most. */
const LONGEST_LABEL = 40;

/** A name that becomes part of host names. */
export const label = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'name',
    example,
    fault: (value) =>
      value.length > LONGEST_LABEL
        ? `has ${value.length} characters; ${LONGEST_LABEL} at most`
        : matching(
            /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
            'is no DNS label; use a-z, 0-9 and "-", beginning with a letter and not ending in "-"',
          )(value),
    parse: itself,
  });

/** Name of a host, storage or bridge in Proxmox. */
export const proxmoxName = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'name',
    example,
    fault: matching(
      /^[A-Za-z]([-\w.]*[A-Za-z0-9])?$/,
      'is none that Proxmox allows; use letters, digits, "-", "_" and ".", beginning with a letter',
    ),
    parse: itself,
  });

/** Of a label or taint in Kubernetes: a name, and before it, where given, a DNS name and "/". */
export const labelKey = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'key',
    example,
    fault: matching(
      /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/,
      'is none of a label; write <domain>/<name> or <name>, with letters, digits, "-", "_" and "."',
    ),
    parse: itself,
  });

export const labelValue = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'value',
    example,
    fault: matching(
      /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/,
      'is none of a label; use at most 63 letters, digits, "-", "_" and ".", the first and last no sign',
    ),
    parse: itself,
  });

/** Of one network card: the lowest bit of the first byte would make it a group's. */
export const mac = (example: string) =>
  text({
    code: 'invalid-address',
    noun: 'MAC address',
    example,
    fault: matching(
      /^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$/,
      'is none of one card; write six bytes with ":" between them, the first an even number',
    ),
    parse: (value) => value.toUpperCase(),
  });

export const timeServer = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'time server',
    example,
    fault: matching(
      /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/,
      'is neither a host name nor an IPv4 address',
    ),
    parse: itself,
  });

export const domain = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'domain',
    example,
    fault: matching(
      /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
      'is no DNS name: lower-case letters, digits and "-" in two labels or more, without a final dot',
    ),
    parse: itself,
  });

/** Handed on as it is. */
export const line = (noun: string, example: string) =>
  text({
    code: 'invalid-name',
    noun,
    example,
    fault: matching(/^(?!\s)[\x20-\x7e]+(?<!\s)$/, 'is no single line of printable characters'),
    parse: itself,
  });

export const tailnetTag = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'tag',
    example,
    fault: matching(
      /^tag:[A-Za-z][-A-Za-z0-9]*$/,
      'is none of a tailnet; write tag:<name>, with letters, digits and "-"',
    ),
    parse: itself,
  });

/** Whole lines of PEM: whether what they hold is a certificate, Talos says. */
export const certificate = () =>
  text({
    code: 'invalid-name',
    noun: 'certificate',
    example: '-----BEGIN CERTIFICATE-----\n…',
    fault: matching(
      /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n*$/,
      'is none in PEM; write it from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
    ),
    parse: (value) => `${value.trimEnd()}\n`,
    show: (value) => `${value.slice(0, 40).replaceAll('\n', ' ')}…`,
  });

export const branch = (example: string) =>
  text({
    code: 'invalid-name',
    noun: 'branch',
    example,
    fault: matching(
      /^(?![-/.])(?!.*(\.\.|\/\/|@\{))[^\s~^:?*[\\]+(?<![/.])$/,
      'is none that Git allows; use letters, digits, "-", "_", "." and "/"',
    ),
    parse: itself,
  });

export const folder = (example: string) =>
  text({
    code: 'invalid-path',
    noun: 'path',
    example,
    fault: matching(
      /^\.(\/(?!\.\.?(\/|$))[^\s/]+)*\/?$/,
      'is no folder inside the repository; begin it with "./", without ".."',
    ),
    parse: itself,
  });

interface UrlKind {
  readonly noun: string;
  readonly example: string;
  /** With the colon: `https:`. */
  readonly protocols: readonly string[];
  /** True: it names something on the server; false: the server itself. */
  readonly hasPath: boolean;
  readonly finalSlash: boolean;
}

export const url = ({ noun, example, protocols, hasPath, finalSlash }: UrlKind) =>
  text({
    code: 'invalid-url',
    noun,
    example,
    fault: (value) => {
      const parsed = URL.parse(value);
      const [, user, host, path] = /^([^/@]+)@([^/:]+):(?!\/\/)(.+)$/.exec(value) ?? [];
      if (user !== undefined) return `is no URL; write it as ssh://${user}@${host ?? ''}/${path ?? ''}`;
      if (parsed === null) return 'is no URL';
      if (!protocols.includes(parsed.protocol))
        return `begins with "${parsed.protocol}"; use ${protocols.join(' or ')}`;
      if (parsed.password !== '' || (parsed.username !== '' && parsed.protocol !== 'ssh:')) {
        return 'holds credentials, which would stand in the plan for all to read; they are given at deploy';
      }
      if (parsed.search !== '' || parsed.hash !== '') return 'has a query or a fragment; leave it out';
      return hasPath || parsed.pathname === '/'
        ? undefined
        : `has the path "${parsed.pathname}"; end it after the port`;
    },
    parse: (value) => value.replace(/\/*$/, '') + (finalSlash ? '/' : ''),
    show: (value) => value.replace(/\/\/[^/@]*@/, '//...@'),
  });

/** Where Terraform keeps its state. */
export const state = (example: string) =>
  text({ code: 'invalid-url', noun: 'state', example, fault: stateFault, parse: parseState, show: showState });

/** Exact, no leading `v`. */
export const version = (example: string) =>
  text({
    code: 'invalid-version',
    noun: 'version',
    example,
    fault: matching(
      /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/,
      'is not exact; write major, minor and patch as numbers, without "v"',
    ),
    parse: itself,
  });

export const contractVersion = (example: string) =>
  text({
    code: 'invalid-version',
    noun: 'contract',
    example,
    fault: matching(/^1\.(0|[1-9]\d*)$/, 'is no minor of Talos; write major and minor, without "v"'),
    parse: itself,
  });
