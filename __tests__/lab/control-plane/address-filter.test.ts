import { passesSubnets, serviceAddress } from '../../../lab/control-plane/address-filter';

describe('subnet lists of a machine config', () => {
  test.each([
    ['10.0.1.1', [], true],
    ['10.0.1.1', ['10.0.0.0/16'], true],
    ['10.1.0.1', ['10.0.0.0/16'], false],
    ['10.0.3.1', ['10.0.0.0/16', '!10.0.3.1/32'], false],
    ['10.0.3.2', ['!10.0.3.1/32'], true],
    ['fd00::1', ['10.0.0.0/16'], false],
    ['fd00::1', ['fd00::/8'], true],
  ])('%s in %j: %s', (address, subnets, passes) => {
    expect(passesSubnets(address, subnets)).toBe(passes);
  });

  test('the API server has the first service address, DNS the tenth', () => {
    expect(serviceAddress('10.96.0.0/12', 1)).toBe('10.96.0.1');
    expect(serviceAddress('10.97.3.9/12', 10)).toBe('10.96.0.10');
  });
});
