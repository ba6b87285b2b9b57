import type { Cluster } from './cluster';
import type { GuestConfig } from './state';

/** What a cluster holds, for assertions. */
export interface Snapshot {
  readonly vms: readonly {
    readonly vmid: number;
    readonly node: string;
    readonly name: string;
    readonly status: 'running' | 'stopped';
    readonly config: Readonly<GuestConfig>;
  }[];
  readonly disks: readonly {
    readonly volid: string;
    readonly node: string | null;
    readonly sizeBytes: number;
    readonly path: string;
  }[];
  readonly images: readonly { readonly volid: string; readonly node: string; readonly sizeBytes: number }[];
  /** Oldest first; `exitstatus` is undefined while a task runs. */
  readonly tasks: readonly {
    readonly type: string;
    readonly id: string;
    readonly node: string;
    readonly exitstatus: string | undefined;
  }[];
}

export const snapshotOf = ({ guests, hypervisor, storages, hosts, state }: Cluster): Snapshot => ({
  vms: guests.all().map(({ vmid, node, config }) => ({
    ...{ vmid, node, name: config['name'] ?? `VM ${vmid}`, config: { ...config } },
    status: hypervisor.isRunning(vmid) ? 'running' : 'stopped',
  })),
  disks: state().volumes.map((volume) => ({
    volid: storages.volidOf(volume),
    node: volume.node,
    sizeBytes: volume.sizeBytes,
    path: volume.path,
  })),
  images: storages
    .all()
    .flatMap((storage) =>
      (storage.shared ? hosts.slice(0, 1) : hosts).flatMap(({ name: node }) =>
        storages.files(storage, node, 'import').map(({ volid, size }) => ({ volid, node, sizeBytes: size })),
      ),
    ),
  tasks: state().tasks.map(({ type, id, node, exitstatus }) => ({ type, id, node, exitstatus })),
});
