import type { Call, Cluster } from '../cluster';
import { flag, given, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import type { VolumeState } from '../state';
import { checkLock } from './guests';

/** Volumes of a VM that the target host can't see. */
const localVolumes = ({ cluster, node }: Pick<Call, 'cluster' | 'node'>, vmid: number): VolumeState[] =>
  cluster.state().volumes.filter((volume) => volume.vmid === vmid && volume.node === node);

/**
 * Moves a VM with its local disks; a machine that runs, runs on.
 * @throws ApiError 500 where it runs and its local disks may not come along
 */
const move = (cluster: Cluster, vmid: number, target: string, withLocalDisks: boolean): void => {
  const guest = cluster.guests.find(vmid);
  if (guest === undefined) throw failure(`Configuration file for VM ${vmid} does not exist`);
  const volumes = localVolumes({ cluster, node: guest.node }, vmid);
  if (cluster.hypervisor.isRunning(vmid) && volumes.length > 0 && !withLocalDisks) {
    throw failure("can't live migrate attached local disks without with-local-disks option");
  }
  for (const volume of volumes) volume.node = target;
  guest.node = target;
};

/**
 * What the HA manager does with a request to move a VM: a task of its own, some time after the request was answered
 * (pve-ha-manager src/PVE/HA/Resources/PVEVM.pm migrate, which gives `with-local-disks`).
 */
export const migrateInBackground = (cluster: Cluster, vmid: number, target: string): void => {
  const guest = cluster.guests.find(vmid);
  if (guest === undefined || guest.node === target) return;
  cluster.tasks.fork({
    ...{ node: guest.node, id: String(vmid), user: 'root@pam', type: 'qmigrate' },
    work: () => cluster.guests.locked(vmid, () => move(cluster, vmid, target, true)),
  });
};

/** GET …/migrate: what a migration would meet. */
export const migrationPreconditions = (call: Call): unknown => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  cluster.guests.get(node, vmid);
  return {
    running: cluster.hypervisor.isRunning(vmid) ? 1 : 0,
    local_disks: localVolumes(call, vmid).map((volume) => ({
      volid: cluster.storages.volidOf(volume),
      size: volume.sizeBytes,
    })),
    local_resources: [],
    'mapped-resources': [],
    'mapped-resource-info': {},
    allowed_nodes: cluster.hosts.map(({ name }) => name).filter((name) => name !== node),
    not_allowed_nodes: {},
  };
};

/** POST …/migrate. Local disks go along; the machine runs on, since its disks' folders stay where they are. */
export const migrateVm = (call: Call): string => {
  const { cluster, node, user, parameters } = call;
  const vmid = vmidOf(call);
  const target = given(call, 'target');
  if (target === node) throw badParameters({ target: 'target is local node.' });
  if (!cluster.hosts.some(({ name }) => name === target)) throw failure(`no such cluster node '${target}'`);
  for (const name of ['force', 'migration_type', 'migration_network']) {
    if (parameters[name] !== undefined && user !== 'root@pam')
      throw badParameters({ [name]: 'Only root may use this option.' });
  }
  if (parameters['targetstorage'] !== undefined) throw failure('migration to another storage is not simulated');
  checkLock(cluster.guests.get(node, vmid).config);
  if (cluster.hypervisor.isRunning(vmid) && !flag(call, 'online'))
    throw failure("can't migrate running VM without --online");
  const go = (): void => move(cluster, vmid, target, flag(call, 'with-local-disks'));
  const state = cluster.state().ha.resources[`vm:${vmid}`]?.['state'];
  if (state !== undefined && state !== 'ignored') {
    return call.fork(
      vmid,
      (worker) => {
        worker.log(`Requesting HA migration for VM ${vmid} to node ${target}`);
        go();
      },
      'hamigrate',
    );
  }
  return call.fork(vmid, () => cluster.guests.locked(vmid, go));
};
