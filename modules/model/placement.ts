import type { NodeRole } from './cluster-plan';

/**
 * The host of a node. Control planes count from the first host on and workers from the last one back, so that no two control planes
 * share a host while there are enough, and a host with one control plane more gets workers last. A node's host depends on its own
 * index alone: growing a pool moves nobody.
 */
export const hostOf = (role: NodeRole, index: number, hosts: readonly string[]): string => {
  const turn = index % hosts.length;
  const host = hosts[role === 'controlplane' ? turn : hosts.length - 1 - turn];
  if (host === undefined) throw new RangeError('there are no hosts to place a node on');
  return host;
};
