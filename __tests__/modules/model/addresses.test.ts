import fc from 'fast-check';
import { Cidr, IpRange, Ipv4 } from '../../../modules/model/addresses';
import { SpecError } from '../../../modules/model/spec-error';

const ip = (text: string): Ipv4 => Ipv4.parse(text);

describe('Ipv4', () => {
  test.each([
    ['0.0.0.0', 0],
    ['10.0.1.1', 167772417],
    ['192.168.0.1', 3232235521],
    ['255.255.255.255', 4294967295],
  ])('%s is the number %d', (text, value) => {
    expect(ip(text).value).toBe(value);
    expect(Ipv4.fromNumber(value).toString()).toBe(text);
  });

  test.each([
    ['10.0.1', 'has 3 part(s); write four, such as 10.0.1.1'],
    ['', 'has 1 part(s); write four, such as 10.0.1.1'],
    ['10.0.1.256', 'has the part "256"; each is a number from 0 to 255 without leading zeros'],
    ['10.0.01.1', 'has the part "01"; each is a number from 0 to 255 without leading zeros'],
    ['10.0.1.x', 'has the part "x"; each is a number from 0 to 255 without leading zeros'],
    ['10.0.1. 1', 'has the part " 1"; each is a number from 0 to 255 without leading zeros'],
    ['10.0.1.1/16', 'has a prefix length; write the address alone: 10.0.1.1'],
  ])('"%s" %s', (text, fault) => {
    expect(Ipv4.fault(text)).toBe(fault);
    expect(() => ip(text)).toThrow(new SpecError(`address "${text}" ${fault}`));
  });

  test.each([-1, 4294967296, 1.5, NaN])('the number %d is none', (value) => {
    expect(() => Ipv4.fromNumber(value)).toThrow(
      new SpecError(`number ${value} is no IPv4 address; it is a whole number from 0 to 4294967295`),
    );
  });

  test.each([
    ['10.0.0.255', 1, '10.0.1.0'],
    ['10.0.1.0', -1, '10.0.0.255'],
    ['10.0.1.1', 0, '10.0.1.1'],
  ])('%s and %d is %s', (text, count, expected) => {
    expect(ip(text).plus(count).toString()).toBe(expected);
  });

  test('compares by value, and is a text in JSON', () => {
    expect(ip('10.0.1.1').equals(ip('10.0.1.1'))).toBe(true);
    expect(ip('10.0.1.1').equals(ip('10.0.1.2'))).toBe(false);
    expect(JSON.stringify({ address: ip('10.0.1.1') })).toBe('{"address":"10.0.1.1"}');
  });

  test('every address survives a round trip', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => ip(text).toString() === text && Ipv4.fault(text) === undefined));
  });

  test('a text is an address or has a fault, never both', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6()), (text) => {
        const parse = () => ip(text).toString();
        if (Ipv4.fault(text) === undefined) expect(parse()).toBe(text);
        else expect(parse).toThrow(SpecError);
      }),
    );
  });
});

describe('Cidr', () => {
  test.each([
    ['10.0.0.0/16', '10.0.0.0', '10.0.255.255', 16, 65536],
    ['10.96.0.0/12', '10.96.0.0', '10.111.255.255', 12, 1048576],
    ['10.0.3.1/32', '10.0.3.1', '10.0.3.1', 32, 1],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255', 0, 4294967296],
  ])('%s is from %s to %s', (text, network, broadcast, prefixLength, size) => {
    const cidr = Cidr.parse(text);
    expect([cidr.network.toString(), cidr.broadcast.toString()]).toEqual([network, broadcast]);
    expect([cidr.prefixLength, cidr.size]).toEqual([prefixLength, size]);
    expect([cidr.toString(), JSON.stringify(cidr)]).toEqual([text, `"${text}"`]);
  });

  test.each([
    ['10.0.0.0', 'is not <address>/<prefix length>; write it as 10.0.0.0/16'],
    ['10.0.0.0/16/8', 'is not <address>/<prefix length>; write it as 10.0.0.0/16'],
    ['10.0.0/16', 'has 3 part(s); write four, such as 10.0.1.1'],
    ['10.0.0.0/33', 'has the prefix length "33"; it is 0 to 32'],
    ['10.0.0.0/', 'has the prefix length ""; it is 0 to 32'],
    ['10.0.0.0/255.255.0.0', 'has the prefix length "255.255.0.0"; it is 0 to 32'],
    ['10.0.3.1/16', 'has host bits set; the network is 10.0.0.0/16'],
  ])('"%s" %s', (text, fault) => {
    expect(Cidr.fault(text)).toBe(fault);
    expect(() => Cidr.parse(text)).toThrow(new SpecError(`network "${text}" ${fault}`));
  });

  const cidr = Cidr.parse('10.0.0.0/16');
  test.each([
    ['10.0.0.0', true],
    ['10.0.255.255', true],
    ['10.1.0.0', false],
    ['9.255.255.255', false],
  ])('10.0.0.0/16 contains %s: %s', (text, expected) => {
    expect(cidr.contains(ip(text))).toBe(expected);
  });

  test.each([
    ['10.0.0.0/16', true, true],
    ['10.0.128.0/17', true, true],
    ['10.0.0.0/8', false, true],
    ['10.1.0.0/16', false, false],
  ])('10.0.0.0/16 and %s: contains %s, overlaps %s', (text, contains, overlaps) => {
    expect(cidr.contains(Cidr.parse(text))).toBe(contains);
    expect(cidr.overlaps(Cidr.parse(text))).toBe(overlaps);
    expect(Cidr.parse(text).overlaps(cidr)).toBe(overlaps);
  });

  test('is equal to the same network only', () => {
    expect(cidr.equals(Cidr.parse('10.0.0.0/16'))).toBe(true);
    expect(cidr.equals(Cidr.parse('10.0.0.0/17'))).toBe(false);
  });
});

describe('IpRange', () => {
  test.each([
    ['10.0.3.4-10.0.3.20', '10.0.3.4-10.0.3.20', 17],
    ['10.0.3.2', '10.0.3.2-10.0.3.2', 1],
    ['10.0.3.255-10.0.4.0', '10.0.3.255-10.0.4.0', 2],
  ])('%s is %s, and has %d address(es)', (text, expected, size) => {
    const range = IpRange.parse(text);
    expect([range.toString(), JSON.stringify(range), range.size]).toEqual([expected, `"${expected}"`, size]);
  });

  test.each([
    ['10.0.3.4-20', 'ends in "20"; write the last address in full: 10.0.3.4-10.0.3.20'],
    ['10.0.3.20-10.0.3.4', 'runs backwards; write it as 10.0.3.4-10.0.3.20'],
    ['10.0.3.4-', 'has 1 part(s); write four, such as 10.0.1.1'],
    ['10.0.3.4-5-6', 'has more than one "-"; write it as 10.0.3.4-10.0.3.20'],
    ['10.0.3.0/24', 'has a prefix length; write the address alone: 10.0.3.0'],
  ])('"%s" %s', (text, fault) => {
    expect(IpRange.fault(text)).toBe(fault);
    expect(() => IpRange.parse(text)).toThrow(new SpecError(`range "${text}" ${fault}`));
  });

  const range = IpRange.parse('10.0.3.4-10.0.3.20');
  test.each([
    ['10.0.3.4-10.0.3.20', true, true],
    ['10.0.3.20', true, true],
    ['10.0.3.20-10.0.3.21', false, true],
    ['10.0.3.1-10.0.3.30', false, true],
    ['10.0.3.21', false, false],
  ])('10.0.3.4-20 and %s: contains %s, overlaps %s', (text, contains, overlaps) => {
    const other = IpRange.parse(text);
    expect([range.contains(other), range.overlaps(other), other.overlaps(range)]).toEqual([
      contains,
      overlaps,
      overlaps,
    ]);
  });

  test('is in a network, overlaps one, and equals the same range only', () => {
    expect(Cidr.parse('10.0.3.0/24').contains(range)).toBe(true);
    expect(range.overlaps(Cidr.parse('10.0.3.0/29'))).toBe(true);
    expect(range.overlaps(Cidr.parse('10.0.4.0/24'))).toBe(false);
    expect(range.contains(ip('10.0.3.21'))).toBe(false);
    expect(range.equals(IpRange.of(ip('10.0.3.4'), ip('10.0.3.20')))).toBe(true);
    expect(range.equals(IpRange.parse('10.0.3.4-10.0.3.21'))).toBe(false);
  });

  test('two ranges overlap where, and only where, an address is in both', () => {
    const short = fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 10 }))
      .map(([first, more]) => IpRange.of(ip('10.0.3.0').plus(first), ip('10.0.3.0').plus(first + more)));
    fc.assert(
      fc.property(short, short, (one, other) => {
        const shared = Array.from({ length: one.size }, (_, index) => one.first.plus(index)).some((a) =>
          other.contains(a),
        );
        expect(one.overlaps(other)).toBe(shared);
      }),
    );
  });
});
