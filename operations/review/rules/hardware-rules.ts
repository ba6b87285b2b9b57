import { isTakedown, type NodeChange } from '../cluster-change';
import { valueAt } from '../changed-paths';
import { about, listed, type Rule } from '../rule';

/** Applied by Proxmox on a running VM. Of all else a running machine sees nothing until it was off (docs of bpg/proxmox, and its update). */
const LIVE =
  /^(tags|description|name|on_boot|startup|protection|pool_id|network_device|node_name|disk\.\d+\.size|disk\.\d+\.(datastore_id|backup|replicate))/;

interface DiskChange {
  readonly node: NodeChange;
  /** As `scsi1`. */
  readonly disk: string;
  readonly gib: number;
}

interface Disk {
  readonly interface: string;
  readonly size: number;
  readonly datastore_id: string;
}

const disksOf = (value: unknown): readonly Disk[] => (valueAt(value, 'disk') ?? []) as readonly Disk[];

/** Pairs of a disk before and after, in VMs that stay. */
const keptDisks = (nodes: readonly NodeChange[]): { node: NodeChange; old: Disk; young: Disk }[] =>
  nodes
    .filter(({ fate }) => fate === 'update')
    .flatMap((node) =>
      disksOf(node.vm.change.before).flatMap((old) => {
        const young = disksOf(node.vm.change.after).find((disk) => disk.interface === old.interface);
        return young === undefined ? [] : [{ node, old, young }];
      }),
    );

/** Disks that go, of VMs that stay; and of VMs that go, those beside the system disk. */
const lostDisks = (nodes: readonly NodeChange[]): DiskChange[] =>
  nodes.flatMap((node) => {
    const { fate, vm } = node;
    const old = disksOf(vm.change.before);
    const gone =
      fate === 'destroy' || fate === 'replace'
        ? old.slice(1)
        : fate === 'update'
          ? old.filter((disk) => !disksOf(vm.change.after).some((young) => young.interface === disk.interface))
          : [];
    return gone.map((disk) => ({ node, disk: disk.interface, gib: disk.size }));
  });

const addressesOf = (found: readonly { node: NodeChange }[]): string[] => [
  ...new Set(found.map(({ node }) => node.vm.address)),
];
const namesOf = (found: readonly { node: NodeChange }[]): string =>
  listed([...new Set(found.map(({ node }) => node.name))]);

const restarts = (nodes: readonly NodeChange[]): { node: NodeChange; paths: string[] }[] =>
  nodes.flatMap((node) => {
    const paths = node.vmPaths.filter((path) => !LIVE.test(path));
    return paths.length === 0 ? [] : [{ node, paths }];
  });

/** `memory.0.dedicated` as a person says it. */
const settings = (paths: readonly string[]): string =>
  listed([...new Set(paths.map((path) => (path.split('.')[0] ?? path).replaceAll('_', ' ')))]);

/** What changes beside the machine, as `tags`. A protection that is taken away has a rule of its own. */
const labels = ({ fate, vmPaths, vm }: NodeChange): string[] =>
  fate !== 'update'
    ? []
    : vmPaths
        .map((path) => path.split('.')[0] ?? path)
        .filter(
          (name) =>
            /^(tags|description|name|on_boot|startup|pool_id)$/.test(name) ||
            (name === 'protection' && vm.change.after?.['protection'] === true),
        );

export const HARDWARE_RULES: readonly Rule[] = [
  {
    code: 'disk-destroyed',
    risk: 'destructive',
    meaning: 'A disk beside the system disk goes with what is on it, or any disk of a VM that stays.',
    find: (change) =>
      isTakedown(change)
        ? []
        : lostDisks(change.nodes).map((found) => ({
            message: `disk ${found.disk} of ${found.node.name}, ${found.gib} GiB, is destroyed with what is on it`,
            addresses: [found.node.vm.address],
          })),
  },
  {
    code: 'disk-shrunk',
    risk: 'high',
    meaning: 'A disk is planned smaller than it is. Proxmox shrinks none: the apply fails half-way.',
    find: ({ nodes }) =>
      about(
        keptDisks(nodes).filter(({ old, young }) => young.size < old.size),
        (found) => ({
          message: `the disks of ${namesOf(found)} would shrink from ${found[0]?.old.size ?? 0} to ${found[0]?.young.size ?? 0} GiB, which Proxmox refuses`,
          advice: 'keep the size, or make new nodes with smaller disks',
          addresses: addressesOf(found),
        }),
      ),
  },
  {
    code: 'disk-grown',
    risk: 'low',
    meaning: 'A disk grows on the running VM. Talos takes the new space at its next start.',
    find: ({ nodes }) =>
      about(
        keptDisks(nodes).filter(({ old, young }) => young.size > old.size),
        (found) => ({
          message: `the disks of ${namesOf(found)} grow from ${found[0]?.old.size ?? 0} to ${found[0]?.young.size ?? 0} GiB; Talos uses the space after its next start`,
          addresses: addressesOf(found),
        }),
      ),
  },
  {
    code: 'disk-moved',
    risk: 'low',
    meaning: 'Disks move to another storage while the VMs run.',
    find: ({ nodes }) =>
      about(
        keptDisks(nodes).filter(({ old, young }) => young.datastore_id !== old.datastore_id),
        (found) => ({
          message: `the disks of ${namesOf(found)} move from ${found[0]?.old.datastore_id ?? ''} to ${found[0]?.young.datastore_id ?? ''}`,
          addresses: addressesOf(found),
        }),
      ),
  },
  {
    code: 'vm-restart-needed',
    risk: 'high',
    meaning:
      'Hardware which a VM gets at its next start only. The apply restarts nothing (`reboot_after_update = false`): the plan is done and the machine as before until it was restarted.',
    find: ({ nodes }) =>
      about(restarts(nodes), (found) => ({
        message: `${settings(found.flatMap(({ paths }) => paths))} of ${namesOf(found)} change at their next start; this apply restarts none`,
        advice: 'npx groundwork roll after the apply: one node at a time, workers first, etcd’s quorum checked between',
        addresses: addressesOf(found),
      })),
  },
  {
    code: 'vm-moved',
    risk: 'high',
    meaning: 'A VM moves to another Proxmox host. With local disks that takes as long as copying them.',
    find: ({ nodes }) =>
      nodes
        .filter(({ vmPaths }) => vmPaths.includes('node_name'))
        .map(({ name, vm }) => ({
          message: `${name} moves from host ${String(vm.change.before?.['node_name'])} to ${String(vm.change.after?.['node_name'])}`,
          addresses: [vm.address],
        })),
  },
  {
    code: 'network-changed',
    risk: 'high',
    meaning: 'The network card of a running VM is plugged somewhere else: all nodes that do not follow are cut off.',
    find: ({ nodes }) =>
      about(
        nodes.filter(({ vmPaths }) => vmPaths.some((path) => path.startsWith('network_device'))),
        (found) => ({
          message: `network cards of ${listed(found.map(({ name }) => name))} change at once, while they run`,
          advice: 'see that the other network is there, and reaches the same addresses',
          addresses: found.map(({ vm }) => vm.address),
        }),
      ),
  },
  {
    code: 'protection-removed',
    risk: 'high',
    meaning: 'Proxmox would destroy the VM from now on, which it has refused so far.',
    find: ({ nodes }) =>
      about(
        nodes.filter(({ vm, vmPaths }) => vmPaths.includes('protection') && vm.change.after?.['protection'] === false),
        (found) => ({
          message: `${listed(found.map(({ name }) => name))} can be destroyed from now on: the protection is taken away`,
          addresses: found.map(({ vm }) => vm.address),
        }),
      ),
  },
  {
    code: 'protected-destroyed',
    risk: 'high',
    meaning:
      'A VM goes that Proxmox protects, or one of its disks: the provider stops the VM, then Proxmox refuses to delete it, and the apply fails with the node down.',
    find: ({ nodes }) =>
      about(
        nodes.filter(
          (node) =>
            node.vm.change.before?.['protection'] === true &&
            (node.fate === 'destroy' || node.fate === 'replace' || lostDisks([node]).length > 0),
        ),
        (found) => ({
          message: `Proxmox protects ${listed(found.map(({ name }) => name))}: the apply fails there, with the VM stopped`,
          advice: 'deploy `protection: false` for it first, then this',
          addresses: found.map(({ vm }) => vm.address),
        }),
      ),
  },
  {
    code: 'vm-labelled',
    risk: 'low',
    meaning: 'Names, tags, descriptions and the like, which the machine does not notice.',
    find: ({ nodes }) =>
      about(
        nodes.filter((node) => labels(node).length > 0),
        (found) => ({
          message: `${listed([...new Set(found.flatMap(labels))])} of ${listed(found.map(({ name }) => name))} change; the machines do not notice`,
          addresses: found.map(({ vm }) => vm.address),
        }),
      ),
  },
  {
    code: 'vm-settings',
    risk: 'none',
    meaning: 'Settings of the provider alone, as its time limits: nothing is asked of Proxmox that changes a VM.',
    find: ({ nodes }) =>
      about(
        nodes.filter(({ fate, vmPaths }) => fate === 'update' && vmPaths.length === 0),
        (found) => ({
          message: `only what Terraform itself notes about the VMs of ${listed(found.map(({ name }) => name))} changes`,
          addresses: found.map(({ vm }) => vm.address),
        }),
      ),
  },
];
