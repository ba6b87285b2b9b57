import type { ClusterPlan } from '../../modules/model/cluster-plan';

/** Storages that disks are made on: the system disks' first. */
export const diskStoragesOf = ({ nodes, proxmox }: ClusterPlan): readonly string[] => [
  ...new Set([proxmox.diskStorage, ...nodes.flatMap(({ disks }) => disks.map(({ storage }) => storage))]),
];

/** Bridges that network cards are plugged into. */
export const bridgesOf = ({ nodes }: ClusterPlan): readonly string[] => [
  ...new Set(nodes.flatMap(({ networkCards }) => networkCards.map(({ bridge }) => bridge))),
];
