import { isTakedown, type ClusterChange, type NodeChange } from '../cluster-change';
import { about, listed, type Finding, type Rule } from '../rule';
import { fateOf } from '../terraform-plan';

const names = (nodes: readonly NodeChange[]): string => listed(nodes.map(({ name }) => name));
const vms = (nodes: readonly NodeChange[]): string[] => nodes.map(({ vm }) => vm.address);
const lost = ({ fate }: NodeChange): boolean => fate === 'destroy' || fate === 'replace';
const quorumOf = (members: number): number => Math.floor(members / 2) + 1;

/** All that belongs to a node beside its VM: image, config, identity. */
const belongings = ({ changes }: ClusterChange, nodes: readonly NodeChange[]): string[] =>
  nodes.flatMap(({ name }) =>
    changes.filter(({ address }) => address.split('.')[1]?.startsWith(`${name}_`)).map(({ address }) => address),
  );

/** Control planes that are there before the apply, each a member of etcd. */
const membersBefore = (change: ClusterChange): NodeChange[] =>
  change.nodes.filter(({ controlPlane, fate }) => controlPlane && fate !== 'create');

const waitsForNodes = ({ changes }: ClusterChange): string[] =>
  changes
    .filter(({ type, address }) => type === 'null_resource' && address.includes('ready'))
    .map(({ address }) => address);

export const NODE_RULES: readonly Rule[] = [
  {
    code: 'cluster-destroyed',
    risk: 'destructive',
    meaning: 'All VMs go, and with them the cluster and what is on its disks.',
    find: (change) =>
      isTakedown(change)
        ? [
            {
              message: `the whole cluster is destroyed: ${change.nodes.length} VMs with their disks, and the machine secrets`,
              advice: 'take an etcd snapshot before, if anything of it is to come back',
              addresses: change.changes.map(({ address }) => address),
            },
          ]
        : [],
  },
  {
    code: 'etcd-quorum-lost',
    risk: 'destructive',
    meaning:
      'Fewer control planes live through the apply than etcd needs for a majority: the Kubernetes API stops, and what is left can’t elect a leader.',
    find: (change) => {
      if (isTakedown(change)) return [];
      const members = membersBefore(change);
      const gone = members.filter(lost);
      const [left, needed] = [members.length - gone.length, quorumOf(members.length)];
      if (gone.length === 0 || left >= needed) return [];
      return [
        {
          message: `etcd loses its quorum: ${members.length} members before, ${left} of them after ${names(gone)}; ${needed} are needed`,
          advice: 'take one control plane at a time out of etcd before its VM goes: npx groundwork node remove',
          addresses: [...vms(gone), ...belongings(change, gone)],
        },
      ];
    },
  },
  {
    code: 'control-planes-together',
    risk: 'destructive',
    meaning: 'More than one control plane is destroyed or replaced in one apply, which Terraform does side by side.',
    find: (change) => {
      const gone = isTakedown(change) ? [] : membersBefore(change).filter(lost);
      return gone.length < 2
        ? []
        : [
            {
              message: `${names(gone)} go at the same time`,
              advice: 'one apply for each control plane, and wait for etcd in between',
              addresses: [...vms(gone), ...belongings(change, gone)],
            },
          ];
    },
  },
  {
    code: 'etcd-member-dropped',
    risk: 'high',
    meaning:
      'The VM of a control plane goes while etcd counts it as a member: the dead member stays in the count until somebody takes it out. Low where etcd was asked (`--etcd-members`) and has it no more.',
    find: (change) =>
      isTakedown(change)
        ? []
        : membersBefore(change)
            .filter(({ fate }) => fate === 'destroy')
            .map((node) => {
              const { etcdMembers } = change;
              const addresses = [node.vm.address, ...belongings(change, [node])];
              if (etcdMembers !== undefined && !etcdMembers.includes(node.name))
                return { message: `${node.name} is destroyed; it has left etcd`, risk: 'low' as const, addresses };
              const fact = etcdMembers === undefined ? 'as far as this plan knows, it is' : 'it is';
              return {
                message: `${node.name} is destroyed, and ${fact} still an etcd member`,
                advice: `npx groundwork node remove ${node.name}, then the apply`,
                addresses,
              };
            }),
  },
  {
    code: 'control-plane-replaced',
    risk: 'high',
    meaning: 'A control plane is made anew: etcd runs with one member fewer until it has joined again.',
    find: (change) =>
      change.nodes
        .filter(({ controlPlane, fate }) => controlPlane && fate === 'replace')
        .map((node) => {
          const { length: members } = membersBefore(change);
          return {
            message: `${node.name} is made anew: etcd has ${members - 1} of ${members} members until it has joined, and needs ${quorumOf(members)}`,
            addresses: [node.vm.address, ...belongings(change, [node])],
          };
        }),
  },
  {
    code: 'control-plane-added',
    risk: 'low',
    meaning: 'A control plane is made and joins etcd.',
    find: (change) => {
      const added = isTakedown(change)
        ? []
        : change.nodes.filter(({ controlPlane, fate }) => controlPlane && fate === 'create');
      const before = membersBefore(change).length;
      const after = change.nodes.filter(({ controlPlane, fate }) => controlPlane && fate !== 'destroy').length;
      return about(added, () => ({
        message:
          before === 0
            ? `a new cluster with the control planes ${names(added)}`
            : `${names(added)} ${added.length === 1 ? 'joins' : 'join'} etcd: ${before} members before (quorum ${quorumOf(before)}), ${after} after (quorum ${quorumOf(after)})`,
        ...(after % 2 === 0 && { advice: `${after} members survive the loss of no more than ${after - 1} would` }),
        addresses: [...vms(added), ...belongings(change, added), ...waitsForNodes(change)],
      }));
    },
  },
  {
    code: 'worker-added',
    risk: 'low',
    meaning: 'A worker is made and joins.',
    find: (change) =>
      about(
        change.nodes.filter(({ controlPlane, fate }) => !controlPlane && fate === 'create'),
        (added) => ({
          message: `${names(added)} ${added.length === 1 ? 'joins' : 'join'} as worker`,
          addresses: [...vms(added), ...belongings(change, added), ...waitsForNodes(change)],
        }),
      ),
  },
  {
    code: 'worker-removed',
    risk: 'high',
    meaning: 'The VM of a worker goes, its disk with it, and its pods with no warning unless it was drained.',
    find: (change) =>
      about(
        isTakedown(change) ? [] : change.nodes.filter(({ controlPlane, fate }) => !controlPlane && fate === 'destroy'),
        (gone) => ({
          message: `${names(gone)} ${gone.length === 1 ? 'is' : 'are'} destroyed`,
          advice: gone.map(({ name }) => `npx groundwork node remove ${name}`).join('; '),
          addresses: [...vms(gone), ...belongings(change, gone), ...waitsForNodes(change)],
        }),
      ),
  },
  {
    code: 'last-worker-removed',
    risk: 'destructive',
    meaning: 'No worker is left as it was: whatever runs on workers stops.',
    find: (change) => {
      const workers = change.nodes.filter(({ controlPlane, fate }) => !controlPlane && fate !== 'create');
      return isTakedown(change) || workers.length === 0 || !workers.every(lost)
        ? []
        : [{ message: `every worker goes at once: ${names(workers)}`, addresses: vms(workers) }];
    },
  },
  {
    code: 'worker-replaced',
    risk: 'high',
    meaning: 'A worker is made anew: its disk goes, and its pods with no warning unless it was drained.',
    find: (change) =>
      about(
        change.nodes.filter(({ controlPlane, fate }) => !controlPlane && fate === 'replace'),
        (anew) => ({
          message: `${names(anew)} ${anew.length === 1 ? 'is' : 'are'} made anew, with an empty disk`,
          advice: `drain before: kubectl drain ${anew.map(({ name }) => name).join(' ')} --ignore-daemonsets --delete-emptydir-data`,
          addresses: [...vms(anew), ...belongings(change, anew)],
        }),
      ),
  },
  {
    code: 'node-forgotten',
    risk: 'high',
    meaning: 'Terraform no longer minds a VM that goes on to run.',
    find: ({ nodes }) =>
      about(
        nodes.filter(({ fate }) => fate === 'forget'),
        (left) => ({ message: `${names(left)} run on, and are in no plan any more`, addresses: vms(left) }),
      ),
  },
  {
    code: 'config-applied-anew',
    risk: 'high',
    meaning: 'The machine config is sent to another address than the one the node has, or anew as a whole.',
    find: ({ nodes }) =>
      nodes.flatMap(({ name, vm, applied, fate }): Finding[] => {
        if (applied === undefined || fate === 'create' || lost({ fate } as NodeChange)) return [];
        const { before, after } = applied.change;
        const moved = before?.['node'] !== after?.['node'] && after !== null && before !== null;
        if (moved && typeof after?.['node'] === 'string')
          return [
            {
              message: `${name} gets the address ${after['node']} instead of ${String(before?.['node'])}: its config is sent where no machine answers yet`,
              advice: 'a node keeps its address; make a new node and remove the old one',
              addresses: [applied.address, vm.address],
            },
          ];
        return fateOf(applied) === 'replace'
          ? [
              {
                message: `the machine config of ${name} is applied anew`,
                risk: 'low' as const,
                addresses: [applied.address],
              },
            ]
          : [];
      }),
  },
];
