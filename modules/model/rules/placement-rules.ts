import type { ClusterPlan, NodePlan } from '../cluster-plan';
import { andMore, groupBy, type Rule } from './rule';

const domainOf = ({ proxmox }: ClusterPlan, host: string): string => proxmox.failureDomains[host] ?? host;

const duplicateHost: Rule = {
  code: 'duplicate-host',
  severity: 'error',
  *find({ proxmox }) {
    for (const [position, host] of proxmox.hosts.entries()) {
      if (proxmox.hosts.indexOf(host) === position) continue;
      yield {
        path: `proxmox.hosts[${position}]`,
        message: `host ${host} is listed twice, so that two control planes on it would count as spread`,
        fix: 'list each host once',
      };
    }
  },
};

const unknownHost: Rule = {
  code: 'unknown-host',
  severity: 'error',
  *find({ name, nodes, proxmox: { arm64Hosts, hosts, failureDomains } }) {
    for (const host of Object.keys(failureDomains).filter((member) => !hosts.includes(member))) {
      yield {
        path: 'proxmox.failureDomains',
        message: `failure domain ${failureDomains[host] ?? ''} has the host ${host}, which is none of ${hosts.join(', ')}`,
        fix: 'add it to proxmox.hosts, or take it out of the domain',
      };
    }
    for (const host of arm64Hosts.filter((member) => !hosts.includes(member))) {
      yield {
        path: 'proxmox.arm64Hosts',
        message: `arm64 host ${host} is none of the hosts ${hosts.join(', ')}`,
        fix: 'add it to proxmox.hosts, or take it out',
      };
    }
    const lost = nodes.filter(({ host }) => !hosts.includes(host));
    for (const [node, ...others] of groupBy(lost, ({ host, placedBy }) => `${placedBy} ${host}`)) {
      yield {
        path: 'proxmox.hosts',
        message: `node ${node.name} is on host ${node.host} by ${placedBy(name, node)}, and hosts are ${hosts.join(', ')}${andMore(others.length)}`,
        fix:
          node.placedBy === 'spec'
            ? 'add the host, or change it there'
            : `add the host again, or move the node: npx groundwork placement move ${node.name} <host> --cluster ${name}`,
      };
    }
  },
};

const placedBy = (cluster: string, node: NodePlan): string =>
  node.placedBy === 'spec' ? 'its own field host' : `${cluster}.placement.json`;

const unrecordedPlacement: Rule = {
  code: 'unrecorded-placement',
  severity: 'error',
  *find({ name, nodes, proxmox }) {
    const [first, ...others] = nodes.filter((node) => node.placedBy === 'rule');
    if (proxmox.hosts.length < 2 || first === undefined) return;
    yield {
      path: 'proxmox.hosts',
      message: `there are ${proxmox.hosts.length} hosts, and ${name}.placement.json does not say on which of them node ${first.name} is${andMore(others.length)}`,
      fix: `run npx groundwork placement ${name} --write, and commit the file`,
    };
  },
};

/** With one host alone there is nothing to spread, and nobody who expects it. */
const sharedHost: Rule = {
  code: 'shared-host',
  severity: 'warning',
  *find(plan) {
    const controlPlanes = plan.nodes.filter(({ role }) => role === 'controlplane');
    if (plan.proxmox.hosts.length < 2) return;
    for (const together of groupBy(controlPlanes, ({ host }) => domainOf(plan, host))) {
      if (together.length < 2) continue;
      const [{ host }] = together;
      const domain = domainOf(plan, host);
      const left = controlPlanes.length - together.length;
      const quorum = Math.floor(controlPlanes.length / 2) + 1;
      const names = together.map(({ name }) => name);
      yield {
        path: 'proxmox.hosts',
        message: `${names.join(' and ')} share ${domain === host ? 'host' : 'failure domain'} ${domain}: without it ${left} of ${controlPlanes.length} control planes are left, and etcd ${left < quorum ? 'stands still' : 'lives on'}`,
        fix: fixFor(plan, controlPlanes, names.at(-1) ?? ''),
      };
    }
  },
};

const fixFor = (plan: ClusterPlan, controlPlanes: readonly NodePlan[], name: string): string => {
  const taken = new Set(controlPlanes.map(({ host }) => domainOf(plan, host)));
  const free = plan.proxmox.hosts.find((host) => !taken.has(domainOf(plan, host)));
  return free === undefined
    ? 'add a host, or have fewer control planes'
    : `move one: npx groundwork placement move ${name} ${free} --cluster ${plan.name}`;
};

const wrongArchitecture: Rule = {
  code: 'wrong-architecture',
  severity: 'error',
  *find({ nodes, proxmox: { arm64Hosts, hosts } }) {
    const of = (host: string): string => (arm64Hosts.includes(host) ? 'arm64' : 'amd64');
    const lost = nodes.filter(({ host, architecture }) => hosts.includes(host) && of(host) !== architecture);
    for (const [node, ...others] of groupBy(lost, ({ pool, host }) => `${pool} ${host}`)) {
      yield {
        path: `nodePools.${node.pool}.architecture`,
        message: `node ${node.name} is ${node.architecture}, and host ${node.host} is ${of(node.host)}${andMore(others.length)}`,
        fix: `list ${node.architecture === 'arm64' ? 'arm64 hosts in proxmox.hosts and in proxmox.arm64Hosts' : `hosts that are ${node.architecture}`}, or make pool ${node.pool} ${of(node.host)}`,
      };
    }
  },
};

export const PLACEMENT_RULES: readonly Rule[] = [
  duplicateHost,
  unknownHost,
  unrecordedPlacement,
  sharedHost,
  wrongArchitecture,
];
