import type { ClusterPlan, NodePlan } from '../cluster-plan';
import { andMore, groupBy, type Rule } from './rule';

/** Where a person changes a field of a node: its own, where it has one, or that of its pool. */
export const nodePath = ({ name, pool, overrides }: NodePlan, field: string, ofPool = field): string =>
  overrides.includes(field) ? `nodePools.${pool}.nodes.${name}.${field}` : `nodePools.${pool}.${ofPool}`;

const unknownNode: Rule = {
  code: 'unknown-node',
  severity: 'error',
  *find({ nodePools }) {
    for (const { name, count, strangers } of nodePools) {
      for (const stranger of strangers) {
        yield {
          path: `nodePools.${name}.nodes.${stranger}`,
          message: `no node of pool ${name} is called "${stranger}"; its nodes are ${count === 0 ? 'none' : `${name}0 to ${name}${count - 1}`}`,
          fix: 'rename the entry, or remove it',
        };
      }
    }
  },
};

/** Prefixes and keys of kubernetes.io that the admission plugin NodeRestriction lets a kubelet set. Source: kubernetes.io, "Well-Known Labels" and "Admission controllers". */
const OPEN_LABEL =
  /^((kubelet|node)\.kubernetes\.io\/|(beta\.)?kubernetes\.io\/(arch|os|instance-type)$|kubernetes\.io\/hostname$|topology\.kubernetes\.io\/(zone|region)$)/;
const RESERVED_LABEL = /^([^/]*\.)?(kubernetes|k8s)\.io\//;

const restrictedLabel: Rule = {
  code: 'restricted-label',
  severity: 'error',
  *find({ nodes }) {
    const found = nodes
      .filter(({ role }) => role === 'worker')
      .flatMap((node) =>
        Object.keys(node.labels)
          .filter((key) => RESERVED_LABEL.test(key) && !OPEN_LABEL.test(key))
          .map((key) => ({ node, key, path: `${nodePath(node, 'labels')}.${key}` })),
      );
    for (const [{ node, key, path }, ...others] of groupBy(found, (one) => one.path)) {
      yield {
        path,
        message: `label ${key} of ${node.name} is reserved: Kubernetes lets no worker give it to itself (NodeRestriction)${andMore(others.length)}`,
        fix: 'use a domain of your own, such as example.org/, or node.kubernetes.io/',
      };
    }
  },
};

const duplicateDiskSlot: Rule = {
  code: 'duplicate-disk-slot',
  severity: 'error',
  *find({ nodes }) {
    const clashes = nodes.flatMap((node) =>
      groupBy(node.disks, ({ slot }) => String(slot)).flatMap(([first, second]) =>
        second === undefined ? [] : [{ node, first, second, path: `${nodePath(node, 'disks')}.${second.name}.slot` }],
      ),
    );
    for (const [{ node, first, second, path }, ...others] of groupBy(clashes, (clash) => clash.path)) {
      yield {
        path,
        message: `slot ${second.slot} of ${node.name} is held by disk ${first.name} and disk ${second.name}${andMore(others.length)}`,
        fix: 'give each disk a slot of its own',
      };
    }
  },
};

const duplicateMac: Rule = {
  code: 'duplicate-mac',
  severity: 'error',
  *find({ nodes }) {
    const cards = nodes.flatMap((node) =>
      node.networkCards.flatMap(({ mac }, index) =>
        mac === undefined ? [] : [{ node, mac, path: nodePath(node, index === 0 ? 'network' : 'networkCards') }],
      ),
    );
    for (const [first, ...rest] of groupBy(cards, ({ mac }) => mac)) {
      const [second, ...others] = rest;
      if (second === undefined) continue;
      yield {
        path: second.path,
        message: `MAC address ${first.mac} is held by ${first.node.name} and ${second.node.name}${andMore(others.length)}`,
        fix: 'give it to one node alone, in nodes.<name>',
      };
    }
  },
};

/** The first local storage that a node has a disk on: the firmware's settings and the system are on `proxmox.diskStorage`. */
const localStorage = ({ proxmox }: ClusterPlan, { disks }: NodePlan): string | undefined =>
  [proxmox.diskStorage, ...disks.map(({ storage }) => storage)].find((name) => !proxmox.sharedStorages.includes(name));

const available = ({ nodes }: ClusterPlan): [NodePlan, ...NodePlan[]][] =>
  groupBy(
    nodes.filter(({ highAvailability }) => highAvailability),
    ({ pool }) => pool,
  );

const localHighAvailability: Rule = {
  code: 'local-high-availability',
  severity: 'error',
  *find(plan) {
    for (const pool of available(plan)) {
      const [node, ...others] = pool.filter((candidate) => localStorage(plan, candidate) !== undefined);
      if (node === undefined) continue;
      const storage = localStorage(plan, node) ?? '';
      yield {
        path: `nodePools.${node.pool}.highAvailability`,
        message: `${node.name} has high availability and a disk on ${storage}, which is not in proxmox.sharedStorages: no other host could start it${andMore(others.length)}`,
        fix: `take storage that hosts share, and list it there; or leave highAvailability out`,
      };
    }
  },
};

const pciHighAvailability: Rule = {
  code: 'pci-high-availability',
  severity: 'error',
  *find(plan) {
    for (const pool of available(plan)) {
      const [node, ...others] = pool.filter(({ pciDevices }) => pciDevices.length > 0);
      if (node === undefined) continue;
      yield {
        path: nodePath(node, 'pciDevices'),
        message: `${node.name} has high availability and the PCI device ${node.pciDevices[0] ?? ''}, which stays on its host${andMore(others.length)}`,
        fix: 'put nodes with PCI devices in a pool of their own, without highAvailability',
      };
    }
  },
};

const lonelyHighAvailability: Rule = {
  code: 'lonely-high-availability',
  severity: 'warning',
  *find(plan) {
    const [[node] = []] = available(plan);
    if (node === undefined || plan.proxmox.hosts.length > 1) return;
    yield {
      path: `nodePools.${node.pool}.highAvailability`,
      message: `${node.name} has high availability, and there is one host: nothing takes over from ${plan.proxmox.hosts[0] ?? ''}`,
      fix: 'add hosts, or leave highAvailability out',
    };
  },
};

export const FEATURE_RULES: readonly Rule[] = [
  unknownNode,
  restrictedLabel,
  duplicateDiskSlot,
  duplicateMac,
  localHighAvailability,
  pciHighAvailability,
  lonelyHighAvailability,
];
