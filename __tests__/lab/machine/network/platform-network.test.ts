import { parsePlatformNetwork } from '../../../../lab/machine/network/platform-network';
import { STATIC_NETWORK } from '../../../fixtures/platform-network';

describe('META key 10', () => {
  test('the full form', () => {
    expect(parsePlatformNetwork(STATIC_NETWORK)).toEqual({
      links: [{ link: 'eth0', up: true, mtu: 0 }],
      addresses: [{ link: 'eth0', cidr: '10.20.0.11/24' }],
      routes: [{ link: 'eth0', destination: 'default', gateway: '10.20.0.1', source: '', metric: 1024 }],
      hostname: 'cp-1',
      shared: [],
      ignored: [],
    });
  });

  test('unknown keys are ignored, and nothing has to be there', () => {
    const nothing = { links: [], addresses: [], routes: [], hostname: undefined, shared: [], ignored: [] };
    expect(parsePlatformNetwork('weather: fine\nprobes: []\n')).toEqual(nothing);
    expect(parsePlatformNetwork('')).toEqual(nothing);
    expect(parsePlatformNetwork('{}')).toEqual(nothing);
  });

  test('what the lab has no counterpart of is named', () => {
    const yaml = `links:
  - {name: bond0, kind: bond, layer: platform}
operators:
  - {operator: dhcp4, linkName: eth0, layer: platform}
`;
    expect(parsePlatformNetwork(yaml).ignored).toEqual(['link bond0 of kind bond', 'operator dhcp4 on eth0']);
  });

  test.each([
    ['no mask', 'addresses:\n  - {address: 10.20.0.11, linkName: eth0}', `netip.ParsePrefix("10.20.0.11"): no '/'`],
    [
      'mask too long',
      'addresses:\n  - {address: 10.20.0.11/33, linkName: eth0}',
      'netip.ParsePrefix("10.20.0.11/33"): prefix length out of range',
    ],
    [
      'no address',
      'addresses:\n  - {address: 10.20.0.256/24, linkName: eth0}',
      'netip.ParsePrefix("10.20.0.256/24"): ParseAddr("10.20.0.256"): unable to parse IP',
    ],
    [
      'gateway',
      'routes:\n  - {gateway: gateway.lan, outLinkName: eth0}',
      'ParseAddr("gateway.lan"): unable to parse IP',
    ],
    ['layer', 'hostnames: []\nlinks:\n  - {name: eth0, layer: base}', 'base does not belong to ConfigLayer values'],
    ['family', 'addresses:\n  - {address: 10.0.0.1/8, family: ipv4}', 'ipv4 does not belong to Family values'],
    ['a string for a list', 'addresses: 10.0.0.1/8', 'yaml: unmarshal errors: addresses is not a list'],
    [
      'time servers as texts',
      'timeServers: [time.example]',
      'yaml: unmarshal errors: an item of timeServers is not a mapping',
    ],
    ['resolver', 'resolvers:\n  - {dnsServers: [one.one.one.one]}', 'ParseAddr("one.one.one.one"): unable to parse IP'],
    ['a list', '- a', 'yaml: unmarshal errors: the document is not a mapping'],
  ])('%s is an error', (_what, yaml, message) => {
    expect(() => parsePlatformNetwork(yaml)).toThrow(message);
  });
});
