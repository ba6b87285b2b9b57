import type { Cidr, IpRange, Ipv4 } from '../addresses';
import type { ClusterPlan, LoadBalancerPoolPlan } from '../cluster-plan';
import { nodePath } from './feature-rules';
import { andMore, groupBy, type Rule } from './rule';

/** An address or a range that somebody in the plan has. */
interface Claim<Block = Ipv4 | IpRange> {
  readonly owner: string;
  readonly path: string;
  readonly block: Block;
}

const vipClaim = (plan: ClusterPlan): Claim<Ipv4> => ({
  owner: 'the VIP',
  path: 'vip.address',
  block: plan.endpoint.vip,
});
const nodeClaims = (plan: ClusterPlan): Claim<Ipv4>[] =>
  plan.nodes.map((node) => ({
    owner: `node ${node.name}`,
    path: nodePath(node, 'address', 'firstAddress'),
    block: node.address,
  }));
const poolPath = (name: string): string => `loadBalancerPools.${name}.range`;
const poolClaims = (plan: ClusterPlan): Claim<IpRange>[] =>
  plan.loadBalancerPools.map(({ name, range }) => ({ owner: `pool ${name}`, path: poolPath(name), block: range }));
const allClaims = (plan: ClusterPlan): Claim[] => [vipClaim(plan), ...nodeClaims(plan), ...poolClaims(plan)];

/** One claim of each field, and how many more that field makes that are alike. */
const byPath = <Block>(claims: readonly Claim<Block>[]): { claim: Claim<Block>; others: number }[] =>
  groupBy(claims, ({ path }) => path).map(([claim, ...others]) => ({ claim, others: others.length }));

const duplicateAddress: Rule = {
  code: 'duplicate-address',
  severity: 'error',
  *find(plan) {
    const holders = new Map<number, Claim<Ipv4>>();
    const clashes: { holder: Claim<Ipv4>; claim: Claim<Ipv4> }[] = [];
    for (const claim of [vipClaim(plan), ...nodeClaims(plan)]) {
      const holder = holders.get(claim.block.value);
      if (holder === undefined) holders.set(claim.block.value, claim);
      else clashes.push({ holder, claim });
    }
    for (const [{ holder, claim }, ...others] of groupBy(
      clashes,
      (clash) => `${clash.holder.path} ${clash.claim.path}`,
    )) {
      yield {
        path: claim.path,
        message: `address ${claim.block.toString()} is held by ${holder.owner} and ${claim.owner}${andMore(others.length)}`,
        fix: `move ${claim.owner}: begin its pool at another address`,
      };
    }
  },
};

const outsideNetwork: Rule = {
  code: 'outside-network',
  severity: 'error',
  *find(plan) {
    const { cidr, gateway } = plan.network;
    const claims: Claim[] = [{ owner: 'the gateway', path: 'network.gateway', block: gateway }, ...allClaims(plan)];
    for (const { claim, others } of byPath(claims.filter(({ block }) => !cidr.contains(block)))) {
      yield {
        path: claim.path,
        message: `${claim.block.toString()} of ${claim.owner} is not in the network ${cidr.toString()}${andMore(others)}`,
        fix: `choose from ${cidr.network.plus(1).toString()} to ${cidr.broadcast.plus(-1).toString()}`,
      };
    }
  },
};

const reservedAddress: Rule = {
  code: 'reserved-address',
  severity: 'error',
  *find(plan) {
    const { cidr, gateway } = plan.network;
    const ends = [
      { name: 'the network address', address: cidr.network },
      { name: 'the broadcast address', address: cidr.broadcast },
    ];
    for (const { name, address } of ends.filter((end) => end.address.equals(gateway))) {
      yield {
        path: 'network.gateway',
        message: `${address.toString()} of the gateway is ${name} of ${cidr.toString()}`,
        fix: 'write the address of your router',
      };
    }
    const inside = allClaims(plan).filter(({ block }) => cidr.contains(block)); // the others are outside-network
    for (const { name, address } of [...ends, { name: 'the gateway', address: gateway }]) {
      for (const { owner, path, block } of inside.filter((claim) => holds(claim.block, address))) {
        yield {
          path,
          message: `${block.toString()} of ${owner} ${'first' in block ? 'holds' : 'is'} ${address.toString()}, ${name}`,
          fix: `leave ${address.toString()} out`,
        };
      }
    }
  },
};

const holds = (block: Ipv4 | IpRange, address: Ipv4): boolean =>
  'first' in block ? block.contains(address) : block.equals(address);

const vipInPool: Rule = {
  code: 'vip-in-pool',
  severity: 'error',
  *find(plan) {
    const { vip } = plan.endpoint;
    for (const { name, range } of plan.loadBalancerPools.filter((pool) => pool.range.contains(vip))) {
      yield {
        path: 'vip.address',
        message: `the VIP ${vip.toString()} is in the range ${range.toString()} of pool ${name}, whose addresses go to services`,
        fix: `move the VIP, or take it out of ${poolPath(name)}${remainder({ name, range }, vip)}`,
      };
    }
  },
};

/** What is left of a pool that loses its first or its last address. */
const remainder = ({ range }: Pick<LoadBalancerPoolPlan, 'name' | 'range'>, vip: Ipv4): string => {
  if (range.size === 1) return '';
  if (range.first.equals(vip)) return `: ${vip.plus(1).toString()}-${range.last.toString()}`;
  return range.last.equals(vip) ? `: ${range.first.toString()}-${vip.plus(-1).toString()}` : '';
};

const nodeInPool: Rule = {
  code: 'node-in-pool',
  severity: 'error',
  *find(plan) {
    for (const { name, range } of plan.loadBalancerPools) {
      for (const { claim, others } of byPath(nodeClaims(plan).filter(({ block }) => range.contains(block)))) {
        yield {
          path: claim.path,
          message: `address ${claim.block.toString()} of ${claim.owner} is in the range ${range.toString()} of pool ${name}${andMore(others)}`,
          fix: `begin the nodes elsewhere, or move ${poolPath(name)}`,
        };
      }
    }
  },
};

const poolOverlap: Rule = {
  code: 'pool-overlap',
  severity: 'error',
  *find({ loadBalancerPools }) {
    for (const [position, pool] of loadBalancerPools.entries()) {
      for (const earlier of loadBalancerPools.slice(0, position).filter(({ range }) => range.overlaps(pool.range))) {
        yield {
          path: poolPath(pool.name),
          message: `range ${pool.range.toString()} of pool ${pool.name} overlaps ${earlier.range.toString()} of pool ${earlier.name}`,
          fix: 'give each address to one pool',
        };
      }
    }
  },
};

const rangeOverlap: Rule = {
  code: 'range-overlap',
  severity: 'error',
  *find({ network, podCidr, serviceCidr }) {
    const nodes = { what: 'the network of the nodes', path: 'network.cidr', cidr: network.cidr };
    const pods = { what: 'the range of pods', path: 'network.podCidr', cidr: podCidr };
    const services = { what: 'the range of services', path: 'network.serviceCidr', cidr: serviceCidr };
    for (const [one, other] of [
      [nodes, pods],
      [nodes, services],
      [pods, services],
    ] as const) {
      if (!one.cidr.overlaps(other.cidr)) continue;
      yield {
        path: other.path,
        message: `${other.what} ${other.cidr.toString()} overlaps ${one.what} ${one.cidr.toString()}`,
        fix: 'choose private ranges that no address is in twice, such as 10.244.0.0/16 for pods and 10.96.0.0/12 for services',
      };
    }
  },
};

/** Prefix length of the block that each node takes from the range of pods: the default of kube-controller-manager. */
const NODE_BLOCK = 24;

const podRangeTooSmall: Rule = {
  code: 'pod-range-too-small',
  severity: 'error',
  *find({ nodes, podCidr }) {
    const blocks = Math.floor(2 ** (NODE_BLOCK - podCidr.prefixLength));
    if (nodes.length <= blocks) return;
    yield {
      path: 'network.podCidr',
      message: `the range of pods ${podCidr.toString()} is enough for ${blocks} nodes, a /${NODE_BLOCK} each; there are ${nodes.length}`,
      fix: `use a prefix length of ${NODE_BLOCK - Math.ceil(Math.log2(nodes.length))} or less: ${largerNetwork(podCidr, nodes.length)}`,
    };
  },
};

/** The smallest network around the range that has a block for each node. */
const largerNetwork = ({ network }: Cidr, nodes: number): string => {
  const prefixLength = NODE_BLOCK - Math.ceil(Math.log2(nodes));
  const first = network.plus(-(network.value % 2 ** (32 - prefixLength)));
  return `${first.toString()}/${prefixLength}`;
};

export const ADDRESS_RULES: readonly Rule[] = [
  duplicateAddress,
  outsideNetwork,
  reservedAddress,
  vipInPool,
  nodeInPool,
  poolOverlap,
  rangeOverlap,
  podRangeTooSmall,
];
