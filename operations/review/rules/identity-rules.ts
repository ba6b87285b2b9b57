import { isTakedown, outputChange, type ClusterChange } from '../cluster-change';
import { about, type Rule } from '../rule';
import { fateOf } from '../terraform-plan';

const changed = ({ changes }: ClusterChange, type: string): string[] =>
  changes.filter((resource) => resource.type === type).map(({ address }) => address);

const gates = ({ changes }: ClusterChange): string[] =>
  changes.filter(({ type }) => type === 'null_resource').map(({ address }) => address);

/** Outputs that say where the cluster is, and what a change of each means. */
const NETWORKS = { network: 'network', pod_cidr: 'pod range', service_cidr: 'service range' } as const;

const isNew = ({ nodes }: ClusterChange): boolean => nodes.every(({ fate }) => fate === 'create');

export const IDENTITY_RULES: readonly Rule[] = [
  {
    code: 'secrets-replaced',
    risk: 'destructive',
    meaning:
      'New certificate authorities, keys and tokens: the running nodes know only the old ones and refuse whoever shows the new, so that the cluster can’t be managed any more.',
    find: (change) =>
      isTakedown(change)
        ? []
        : about(
            change.changes.filter(
              (resource) => resource.type === 'talos_machine_secrets' && fateOf(resource) !== 'create',
            ),
            (found) => ({
              message: 'the machine secrets are made anew: every node refuses configs and clients that use them',
              advice: 'keep them in the state; a rotation goes by talosctl rotate-ca',
              addresses: [
                ...found.map(({ address }) => address),
                ...changed(change, 'talos_machine_configuration_apply'),
                ...changed(change, 'talos_cluster_kubeconfig'),
                ...gates(change),
              ],
            }),
          ),
  },
  {
    code: 'bootstrap-again',
    risk: 'destructive',
    meaning:
      'etcd would be started a second time. Talos refuses that where etcd has data, and makes a second cluster where not.',
    find: (change) =>
      isTakedown(change) || isNew(change)
        ? []
        : about(changed(change, 'talos_machine_bootstrap'), (addresses) => ({
            message: 'etcd would be bootstrapped a second time',
            advice: 'put the resource back into the state: terraform state',
            addresses,
          })),
  },
  {
    code: 'endpoint-changed',
    risk: 'high',
    meaning:
      'The address of the Kubernetes API changes: kubeconfigs, kubelets and certificates name the old one, and nodes that get the new config look for an API where none answers until the VIP has moved.',
    find: (change) => {
      const found = outputChange(change, 'endpoint');
      return found === undefined
        ? []
        : [
            {
              message: `the endpoint of the cluster moves from ${found[0]} to ${found[1]}`,
              advice: 'plan a maintenance window; fetch the kubeconfig anew after it, and sync the manifests',
              addresses: [...gates(change), ...changed(change, 'talos_cluster_kubeconfig')],
            },
          ];
    },
  },
  {
    code: 'cluster-network-changed',
    risk: 'high',
    meaning:
      'A range of addresses changes under a running cluster. Kubernetes hands out pod and service addresses once.',
    find: (change) =>
      Object.entries(NETWORKS).flatMap(([output, name]) => {
        const found = outputChange(change, output);
        return found === undefined
          ? []
          : [
              {
                message: `the ${name} changes from ${found[0]} to ${found[1]}; nodes, pods and services keep their old addresses`,
                advice: 'such a change is a new cluster',
                addresses: [],
              },
            ];
      }),
  },
  {
    code: 'access-renewed',
    risk: 'low',
    meaning: 'The administrator’s kubeconfig is made anew; the old one stays good until it expires.',
    find: (change) =>
      isTakedown(change)
        ? []
        : about(changed(change, 'talos_cluster_kubeconfig'), (addresses) => ({
            message: 'the kubeconfig is made anew',
            addresses,
          })),
  },
  {
    code: 'looks-again',
    risk: 'none',
    meaning: 'The apply waits again until the API answers or the nodes are Ready. Nothing is changed by that.',
    find: (change) =>
      isTakedown(change)
        ? []
        : about(gates(change), (addresses) => ({
            message: 'the apply waits until what it looks at is well: the API, or the nodes',
            addresses,
          })),
  },
];
