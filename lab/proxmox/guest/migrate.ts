import type { Call } from '../cluster';
import { flag, given, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import type { VolumeState } from '../state';
import { checkLock } from './guests';

/** Storages of a VM's disks that the target host can't see. */
const localVolumes = ({ cluster, node }: Call, vmid: number): VolumeState[] =>
  cluster.state().volumes.filter((volume) => volume.vmid === vmid && volume.node === node);

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
  const move = (): void => {
    const volumes = localVolumes(call, vmid);
    if (cluster.hypervisor.isRunning(vmid) && volumes.length > 0 && !flag(call, 'with-local-disks')) {
      throw failure("can't live migrate attached local disks without with-local-disks option");
    }
    for (const volume of volumes) volume.node = target;
    cluster.guests.get(node, vmid).node = target;
  };
  const state = cluster.state().ha.resources[`vm:${vmid}`]?.['state'];
  if (state !== undefined && state !== 'ignored') {
    return call.fork(
      vmid,
      (worker) => {
        worker.log(`Requesting HA migration for VM ${vmid} to node ${target}`);
        move();
      },
      'hamigrate',
    );
  }
  return call.fork(vmid, () => cluster.guests.locked(vmid, move));
};
