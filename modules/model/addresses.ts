import { Address4 } from 'ip-address';
import { SpecError } from './spec-error';

const HIGHEST = 0xffff_ffff;

/** The fault as an error that names what was read and its text. */
const refuse = (kind: string, text: string, fault: string): SpecError => new SpecError(`${kind} "${text}" ${fault}`);

/** An IPv4 address. Immutable; compares and counts as the 32-bit number that it is. */
export class Ipv4 {
  /** What is wrong with `text`, or undefined if it is an address. */
  static fault(text: string): string | undefined {
    const parts = text.split('.');
    if (text.includes('/')) return `has a prefix length; write the address alone: ${text.slice(0, text.indexOf('/'))}`;
    if (parts.length !== 4) return `has ${parts.length} part(s); write four, such as 10.0.1.1`;
    const bad = parts.find((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255);
    return bad === undefined
      ? undefined
      : `has the part "${bad}"; each is a number from 0 to 255 without leading zeros`;
  }

  /** @throws SpecError with the fault, where there is one */
  static parse(text: string): Ipv4 {
    const fault = Ipv4.fault(text);
    if (fault !== undefined) throw refuse('address', text, fault);
    return new Ipv4(Number(new Address4(text).bigInt()));
  }

  /** @throws SpecError unless `value` is a whole number from 0 to 4294967295 */
  static fromNumber(value: number): Ipv4 {
    if (!Number.isInteger(value) || value < 0 || value > HIGHEST) {
      throw new SpecError(`number ${value} is no IPv4 address; it is a whole number from 0 to ${HIGHEST}`);
    }
    return new Ipv4(value);
  }

  private constructor(readonly value: number) {}

  /**
   * The address `count` further on; before it, where `count` is negative.
   * @throws SpecError where that leaves the IPv4 addresses
   */
  plus(count: number): Ipv4 {
    return Ipv4.fromNumber(this.value + count);
  }

  equals(other: Ipv4): boolean {
    return this.value === other.value;
  }

  /** `10.0.1.1` */
  toString(): string {
    return Address4.fromInteger(this.value).correctForm();
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A network: an address whose host bits are zero, and a prefix length. */
export class Cidr {
  /** What is wrong with `text`, or undefined if it is a network. Host bits are answered with the network that was meant. */
  static fault(text: string): string | undefined {
    const [address = '', prefix, ...rest] = text.split('/');
    if (prefix === undefined || rest.length > 0) return 'is not <address>/<prefix length>; write it as 10.0.0.0/16';
    const fault = Ipv4.fault(address);
    if (fault !== undefined) return fault;
    if (!/^(0|[1-9]\d?)$/.test(prefix) || Number(prefix) > 32)
      return `has the prefix length "${prefix}"; it is 0 to 32`;
    const network = new Address4(text).startAddress().correctForm();
    return network === address ? undefined : `has host bits set; the network is ${network}/${prefix}`;
  }

  /** @throws SpecError with the fault, where there is one */
  static parse(text: string): Cidr {
    const fault = Cidr.fault(text);
    if (fault !== undefined) throw refuse('network', text, fault);
    const parsed = new Address4(text);
    return new Cidr(
      Ipv4.parse(parsed.startAddress().correctForm()),
      Ipv4.parse(parsed.endAddress().correctForm()),
      parsed.subnetMask,
    );
  }

  private constructor(
    /** The lowest address. */
    readonly network: Ipv4,
    /** The highest address. */
    readonly broadcast: Ipv4,
    readonly prefixLength: number,
  ) {}

  /** Number of addresses, network and broadcast included. */
  get size(): number {
    return this.broadcast.value - this.network.value + 1;
  }

  /** True where every address of `other` is in this network. */
  contains(other: Ipv4 | Cidr | IpRange): boolean {
    return containsSpan(spanOf(this), spanOf(other));
  }

  /** True where at least one address is in both. */
  overlaps(other: Cidr | IpRange): boolean {
    return overlapsSpan(spanOf(this), spanOf(other));
  }

  equals(other: Cidr): boolean {
    return this.network.equals(other.network) && this.prefixLength === other.prefixLength;
  }

  /** `10.0.0.0/16` */
  toString(): string {
    return `${this.network.toString()}/${this.prefixLength}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Addresses from the first to the last, both included. */
export class IpRange {
  /** What is wrong with `text`, or undefined if it is a range. One address alone is a range of one. */
  static fault(text: string): string | undefined {
    const [first = '', last = first, ...rest] = text.split('-');
    if (rest.length > 0) return 'has more than one "-"; write it as 10.0.3.4-10.0.3.20';
    const fault = Ipv4.fault(first);
    if (fault !== undefined) return fault;
    if (/^\d{1,3}$/.test(last)) {
      return `ends in "${last}"; write the last address in full: ${first}-${first.replace(/\d+$/, last)}`;
    }
    const lastFault = Ipv4.fault(last);
    if (lastFault !== undefined) return lastFault;
    if (Ipv4.parse(first).value > Ipv4.parse(last).value) return `runs backwards; write it as ${last}-${first}`;
    return undefined;
  }

  /** @throws SpecError with the fault, where there is one */
  static parse(text: string): IpRange {
    const fault = IpRange.fault(text);
    if (fault !== undefined) throw refuse('range', text, fault);
    const [first = '', last = first] = text.split('-');
    return new IpRange(Ipv4.parse(first), Ipv4.parse(last));
  }

  /** @throws SpecError where `last` comes before `first` */
  static of(first: Ipv4, last: Ipv4): IpRange {
    return IpRange.parse(`${first.toString()}-${last.toString()}`);
  }

  private constructor(
    readonly first: Ipv4,
    readonly last: Ipv4,
  ) {}

  /** Number of addresses: 1 or more. */
  get size(): number {
    return this.last.value - this.first.value + 1;
  }

  /** True where every address of `other` is in this range. */
  contains(other: Ipv4 | Cidr | IpRange): boolean {
    return containsSpan(spanOf(this), spanOf(other));
  }

  /** True where at least one address is in both. */
  overlaps(other: Cidr | IpRange): boolean {
    return overlapsSpan(spanOf(this), spanOf(other));
  }

  equals(other: IpRange): boolean {
    return this.first.equals(other.first) && this.last.equals(other.last);
  }

  /** `10.0.3.4-10.0.3.20`, also where both ends are the same: the form that MetalLB reads. */
  toString(): string {
    return `${this.first.toString()}-${this.last.toString()}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Lowest and highest address, as numbers. */
type Span = readonly [low: number, high: number];

const spanOf = (block: Ipv4 | Cidr | IpRange): Span => {
  if (block instanceof Ipv4) return [block.value, block.value];
  return block instanceof Cidr ? [block.network.value, block.broadcast.value] : [block.first.value, block.last.value];
};
const containsSpan = (outer: Span, inner: Span): boolean => outer[0] <= inner[0] && inner[1] <= outer[1];
const overlapsSpan = (one: Span, other: Span): boolean => one[0] <= other[1] && other[0] <= one[1];
