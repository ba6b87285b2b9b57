import type { ClusterChange, NodeChange } from '../cluster-change';
import type { ConfigChange } from '../config-change';
import { valueAt } from '../changed-paths';
import { about, listed, type Rule } from '../rule';
import { compareVersions, isMinorSkip } from '../versions';

interface Configured extends NodeChange {
  readonly config: ConfigChange;
}

const configured = ({ nodes }: ClusterChange): Configured[] =>
  nodes.filter((node): node is Configured => node.config !== undefined);

const names = (nodes: readonly NodeChange[]): string => listed(nodes.map(({ name }) => name));
const addresses = (nodes: readonly NodeChange[]): string[] =>
  nodes.flatMap(({ applied }) => (applied === undefined ? [] : [applied.address]));
const together = (nodes: readonly Configured[], of: (config: ConfigChange) => readonly string[]): string =>
  listed([...new Set(nodes.flatMap(({ config }) => of(config)))]);

const tag = (image: string): string => image.slice(image.lastIndexOf(':v') + 2);

/** Nodes whose Talos version or Kubernetes version goes one way. */
const going = (
  change: ClusterChange,
  what: 'installer' | 'kubelet',
  way: 1 | -1,
): { nodes: Configured[]; from: string; to: string } | undefined => {
  const versions = ({ config }: Configured): readonly [string, string] | undefined => {
    const pair = config[what];
    return pair === undefined || what === 'kubelet' ? pair : [tag(pair[0]), tag(pair[1])];
  };
  const nodes = configured(change).filter((node) => {
    const pair = versions(node);
    return pair !== undefined && compareVersions(pair[1], pair[0]) === way;
  });
  const [from, to] = (nodes[0] && versions(nodes[0])) ?? ['', ''];
  return nodes.length === 0 ? undefined : { nodes, from, to };
};

export const CONFIG_RULES: readonly Rule[] = [
  {
    code: 'talos-downgrade',
    risk: 'high',
    meaning: 'Talos supports no way back but the last upgrade’s rollback.',
    find: (change) => {
      const found = going(change, 'installer', -1);
      return found === undefined
        ? []
        : [
            {
              message: `Talos goes back from ${found.from} to ${found.to}; the nodes keep running ${found.from} until they are upgraded to it`,
              advice: 'keep the version; talosctl rollback undoes an upgrade that has just failed',
              addresses: addresses(found.nodes),
            },
          ];
    },
  },
  {
    code: 'talos-upgrade',
    risk: 'low',
    meaning:
      'Another installer is written into the machine configs. The nodes run what they run until each is upgraded. High where a minor version is left out.',
    find: (change) => {
      const found = going(change, 'installer', 1);
      return found === undefined
        ? []
        : [
            {
              message: `Talos is to be ${found.to} instead of ${found.from}: this apply upgrades no running node`,
              advice: 'the apply, then npx groundwork roll: one node at a time, control planes last',
              ...(isMinorSkip(found.from, found.to) && { risk: 'high' as const }),
              addresses: addresses(found.nodes),
            },
          ];
    },
  },
  {
    code: 'kubernetes-downgrade',
    risk: 'high',
    meaning: 'Kubernetes supports no downgrade: an older API server may not read what a newer one has stored in etcd.',
    find: (change) => {
      const found = going(change, 'kubelet', -1);
      return found === undefined
        ? []
        : [
            {
              message: `Kubernetes goes back from ${found.from} to ${found.to}`,
              advice: 'keep the version, or restore the etcd snapshot from before the upgrade',
              addresses: addresses(found.nodes),
            },
          ];
    },
  },
  {
    code: 'kubernetes-upgrade',
    risk: 'high',
    meaning:
      'The configs of all nodes get the new version in one apply: API servers and kubelets start again side by side, and the API is away for as long.',
    find: (change) => {
      const found = going(change, 'kubelet', 1);
      if (found === undefined) return [];
      const skip = isMinorSkip(found.from, found.to);
      return [
        {
          message: `Kubernetes goes from ${found.from} to ${found.to}${skip ? ', which leaves out a minor version' : ''} on ${names(found.nodes)} at once`,
          advice: skip
            ? 'go one minor version at a time'
            : 'expect the API to be away for a minute; take an etcd snapshot before',
          addresses: addresses(found.nodes),
        },
      ];
    },
  },
  {
    code: 'config-restart-needed',
    risk: 'high',
    meaning:
      'Talos takes these fields of the machine config at a start only, and refuses the config on a running node (apply mode `no_reboot`): the apply fails there and restarts nothing.',
    find: (change) =>
      about(
        configured(change).filter(({ config }) => config.needRestart.length > 0),
        (nodes) => ({
          message: `${together(nodes, ({ needRestart }) => needRestart)} of ${names(nodes)} need a restart, which this apply does not make`,
          advice:
            'npx groundwork roll, then the apply: one node at a time, workers first, etcd’s quorum checked between',
          addresses: addresses(nodes),
        }),
      ),
  },
  {
    code: 'control-plane-pods-restart',
    risk: 'high',
    meaning: 'API servers, controller managers or schedulers of several control planes start again at the same time.',
    find: (change) =>
      about(
        configured(change).filter(
          ({ controlPlane, config }) => controlPlane && config.restartsControlPlanePods && config.kubelet === undefined,
        ),
        (nodes) => ({
          message: `the Kubernetes control plane starts again on ${names(nodes)}${nodes.length > 1 ? ' at the same time: the API is away for a moment' : ''}`,
          ...(nodes.length === 1 && { risk: 'low' as const }),
          addresses: addresses(nodes),
        }),
      ),
  },
  {
    code: 'vip-owner-changed',
    risk: 'high',
    meaning:
      'Another program answers at the VIP. Talos takes kube-vip’s objects away from no cluster, so that two would answer.',
    find: (change) =>
      about(
        configured(change).filter(({ config }) => config.vipOwner !== undefined),
        (nodes) => {
          const [from, to] = nodes[0]?.config.vipOwner ?? ['', ''];
          return {
            message: `the VIP is to be moved by ${to} instead of ${from} on ${names(nodes)}`,
            advice: 'npx groundwork sync-manifests, after the apply',
            addresses: addresses(nodes),
          };
        },
      ),
  },
  {
    code: 'manifests-need-sync',
    risk: 'low',
    meaning:
      'Talos creates inline manifests that are missing and never changes one: kube-vip runs on as it is until its objects are synced.',
    find: (change) =>
      about(
        configured(change).filter(({ config }) => config.manifests.length > 0 && config.vipOwner === undefined),
        (nodes) => ({
          message: `the objects of ${together(nodes, ({ manifests }) => manifests)} need a sync: Talos changes none that is there`,
          advice: 'npx groundwork sync-manifests, after the apply',
          addresses: addresses(nodes),
        }),
      ),
  },
  {
    code: 'pod-range-changed',
    risk: 'high',
    meaning: 'The ranges that the controller manager and the API server hand addresses out of.',
    find: (change) =>
      about(
        configured(change).filter(({ config }) =>
          config.paths.some((path) => /^cluster\.network\.(pod|service)Subnets/.test(path)),
        ),
        (nodes) => ({
          message: `pod or service ranges change in the configs of ${names(nodes)}, while nodes and services have addresses of the old ones`,
          addresses: addresses(nodes),
        }),
      ),
  },
  {
    code: 'config-changed',
    risk: 'low',
    meaning: 'Machine configs change in fields that Talos takes at once. Which ones is said; the values are not.',
    find: (change) =>
      about(configured(change), (nodes) => ({
        message: `machine configs of ${names(nodes)} change at ${together(nodes, ({ paths }) => paths)}`,
        addresses: addresses(nodes),
      })),
  },
  {
    code: 'config-settings',
    risk: 'none',
    meaning: 'How a machine config is sent changes, and the config does not.',
    find: ({ nodes }) =>
      about(
        nodes.filter(
          ({ applied, config, fate }) =>
            applied?.change.actions.join() === 'update' &&
            config === undefined &&
            valueAt(applied.change.after_unknown, 'machine_configuration_input') !== true &&
            valueAt(applied.change.after_unknown, 'machine_configuration_input') !== true &&
            (fate === 'none' || fate === 'update'),
        ),
        (found) => ({
          message: `only how the machine configs of ${names(found)} are sent changes`,
          addresses: addresses(found),
        }),
      ),
  },
];
