import type { NodePoolSpec } from '../../modules/model/cluster-spec';

const pool = (role: NodePoolSpec['role'], firstAddress: string, hosts: readonly string[]): NodePoolSpec => ({
  ...{ role, count: hosts.length, firstAddress },
  nodes: Object.fromEntries(hosts.map((host, index) => [`${role}${index}`, { host }])),
});

/** A control plane on each of these hosts, from 10.0.1.1 on. */
export const controlPlanesOn = (...hosts: readonly string[]): NodePoolSpec => pool('controlplane', '10.0.1.1', hosts);

/** A worker on each of these hosts, from 10.0.2.1 on. */
export const workersOn = (...hosts: readonly string[]): NodePoolSpec => pool('worker', '10.0.2.1', hosts);
