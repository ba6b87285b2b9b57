import { nodeImage } from '../images/node-image';
import type { IpRange, Ipv4 } from '../modules/model/addresses';
import type { ClusterPlan, NodePlan } from '../modules/model/cluster-plan';
import type { Issue } from '../modules/model/issue';
import { andMore, groupBy } from '../modules/model/rules/rule';

/** Codes of what can be wrong between clusters. Each has an example in __tests__/specs/check-clusters.test.ts. */
export const CLUSTER_CODES = [
  'duplicate-cluster',
  'shared-address',
  'shared-image',
  'shared-vm-id',
  'shared-vm-name',
] as const;

/** An issue of the later of two clusters. */
export interface ClusterIssue {
  /** Position of the cluster among the plans. */
  readonly cluster: number;
  readonly issue: Issue;
}

/** What two clusters take from each other: their name, and on one Proxmox VE addresses, VM ids, VM names and image files. */
export const checkClusters = (plans: readonly ClusterPlan[]): ClusterIssue[] =>
  plans.flatMap((plan, cluster) =>
    plans
      .slice(0, cluster)
      .flatMap((earlier) => [...between(earlier, plan)])
      .map((issue) => ({ cluster, issue })),
  );

const between = (earlier: ClusterPlan, plan: ClusterPlan): Issue[] => {
  if (earlier.name === plan.name) return [duplicateCluster(plan)];
  if (earlier.proxmox.endpoint !== plan.proxmox.endpoint) return [];
  return [
    ...sharedAddress(earlier, plan),
    ...sharedBy(earlier, plan, 'shared-vm-id', ({ vmId }) => `VM id ${vmId}`),
    ...sharedBy(earlier, plan, 'shared-vm-name', ({ vmName }) => `VM name ${vmName}`),
    ...sharedImage(earlier, plan),
  ];
};

const duplicateCluster = (plan: ClusterPlan): Issue => ({
  code: 'duplicate-cluster',
  severity: 'error',
  path: 'name',
  message: `another cluster is called "${plan.name}", too; stack, state and the tag of VMs follow from the name`,
  fix: 'rename one of the two',
});

interface Claim {
  readonly owner: string;
  readonly path: string;
  readonly block: Ipv4 | IpRange;
}

const claimsOf = (plan: ClusterPlan): Claim[] => [
  { owner: `the VIP of ${plan.name}`, path: 'vip.address', block: plan.endpoint.vip },
  ...plan.nodes.map(({ name, pool, address }) => ({
    owner: `node ${name} of ${plan.name}`,
    path: `nodePools.${pool}.firstAddress`,
    block: address,
  })),
  ...plan.loadBalancerPools.map(({ name, range }) => ({
    owner: `pool ${name} of ${plan.name}`,
    path: `loadBalancerPools.${name}.range`,
    block: range,
  })),
];

const meet = (one: Ipv4 | IpRange, other: Ipv4 | IpRange): boolean => {
  if ('first' in one) return 'first' in other ? one.overlaps(other) : one.contains(other);
  return 'first' in other ? other.contains(one) : one.equals(other);
};

/** Bridges and VLANs that the addresses of nodes are in: those of their first cards. */
const segmentsOf = (plan: ClusterPlan): string[] =>
  plan.nodes.map(({ networkCards: [first] }) => `${first.bridge} ${first.vlan ?? 0}`);

/** On one bridge and VLAN: elsewhere the same addresses are others. Ranges of pods and services never leave their cluster. */
const sharedAddress = (earlier: ClusterPlan, plan: ClusterPlan): Issue[] => {
  const segments = segmentsOf(earlier);
  if (!segmentsOf(plan).some((segment) => segments.includes(segment))) return [];
  if (!earlier.network.cidr.overlaps(plan.network.cidr)) return [];
  const holders = claimsOf(earlier);
  const clashes = claimsOf(plan).flatMap((claim) =>
    holders.filter((holder) => meet(holder.block, claim.block)).map((holder) => ({ holder, claim })),
  );
  return groupBy(clashes, ({ holder, claim }) => `${holder.path} ${claim.path}`).map(
    ([{ holder, claim }, ...others]) => ({
      code: 'shared-address',
      severity: 'error',
      path: claim.path,
      message: `${claim.block.toString()} of ${claim.owner} meets ${holder.block.toString()} of ${holder.owner}${andMore(others.length)}`,
      fix: 'give each address to one cluster',
    }),
  );
};

/** Proxmox allows two VMs of one name: that is a warning. */
const sharedBy = (
  earlier: ClusterPlan,
  plan: ClusterPlan,
  code: 'shared-vm-id' | 'shared-vm-name',
  value: (node: NodePlan) => string,
): Issue[] => {
  const holders = new Map(earlier.nodes.map((node) => [value(node), node]));
  const clashes = plan.nodes.flatMap((node) => {
    const holder = holders.get(value(node));
    return holder === undefined ? [] : [{ node, holder }];
  });
  return groupBy(clashes, ({ node, holder }) => `${holder.pool} ${node.pool}`).map(([{ node, holder }, ...others]) => {
    const message = `${value(node)} is that of node ${holder.name} of ${earlier.name} and node ${node.name} of ${plan.name}${andMore(others.length)}`;
    return code === 'shared-vm-id'
      ? {
          code,
          severity: 'error',
          path: `nodePools.${node.pool}.firstVmId`,
          message,
          fix: 'begin the ids of this pool elsewhere; they are one set in a Proxmox VE, containers included',
        }
      : {
          code,
          severity: 'warning',
          path: `nodePools.${node.pool}`,
          message: `${message}; Proxmox allows it, and its lists show two that look alike`,
          fix: `rename the pool, as ${plan.name}-${node.pool}, before the first deploy`,
        };
  });
};

/** Of the same content, hence of one name: on one storage they would be one file in two states, which the first destroy removes. */
const sharedImage = (earlier: ClusterPlan, plan: ClusterPlan): Issue[] => {
  const place = ({ proxmox }: ClusterPlan, node: NodePlan, file: string): string =>
    `${node.host} ${proxmox.imageStorage} ${file}`;
  const holders = new Map(
    earlier.nodes.map((node) => [place(earlier, node, nodeImage(earlier, node).fileName), node.name]),
  );
  const clashes = plan.nodes.flatMap((node) => {
    const { fileName } = nodeImage(plan, node);
    const holder = holders.get(place(plan, node, fileName));
    return holder === undefined ? [] : [{ node, holder, fileName }];
  });
  return groupBy(clashes, ({ node }) => node.pool).map(([{ node, holder, fileName }, ...others]) => ({
    code: 'shared-image',
    severity: 'error',
    path: `nodePools.${node.pool}`,
    message: `image ${fileName} on ${node.host} is that of node ${holder} of ${earlier.name} and node ${node.name} of ${plan.name}${andMore(others.length)}`,
    fix: 'use another image storage, another host, or other names of node pools',
  }));
};
