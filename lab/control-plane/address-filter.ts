import { BlockList, isIPv6 } from 'node:net';

/**
 * True where Talos' subnet lists (`kubelet.nodeIP.validSubnets`, `etcd.advertisedSubnets`) let an address pass:
 * it is in one of the plain subnets and in none of those with a leading `!`. An empty list lets all pass.
 */
export const passesSubnets = (address: string, subnets: readonly string[]): boolean => {
  const positive = subnets.filter((subnet) => !subnet.startsWith('!'));
  const negative = subnets.filter((subnet) => subnet.startsWith('!')).map((subnet) => subnet.slice(1));
  if (negative.some((subnet) => contains(subnet, address))) return false;
  return positive.length === 0 || positive.some((subnet) => contains(subnet, address));
};

const contains = (subnet: string, address: string): boolean => {
  const [network = '', bits = ''] = subnet.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
};

/**
 * The `index`th address of an IPv4 subnet: Kubernetes gives its own service the first of the service range and
 * Talos gives the cluster DNS the tenth.
 */
export const serviceAddress = (subnet: string, index: number): string => {
  const [network = '', bits = ''] = subnet.split('/');
  const value = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const base = value - (value % 2 ** (32 - Number(bits)));
  return [24, 16, 8, 0].map((shift) => ((base + index) >>> shift) & 255).join('.');
};
