import type { Call, Cluster } from '../cluster';
import { flag, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import type { Worker } from '../tasks';
import { checkLock } from './guests';
import { hardwareOf } from './hardware';
import { applyPending } from './pending';

/** Seconds that a shutdown is waited for where the call does not say: qemu-server src/PVE/QemuServer.pm _do_vm_stop. */
const SHUTDOWN_SECONDS = 60;

/** Power on. @throws ApiError 500 */
export const startMachine = async (cluster: Cluster, node: string, vmid: number): Promise<void> => {
  const guest = cluster.guests.get(node, vmid);
  if (guest.config['template'] === '1') throw failure("you can't start a vm if it's a template");
  checkLock(guest.config);
  if (cluster.hypervisor.isRunning(vmid)) throw failure(`VM ${vmid} already running`);
  applyPending(guest);
  await cluster.hypervisor.start(hardwareOf(cluster, guest));
};

/** Power off, at once or by asking the guest. @throws ApiError 500 where it does not go off and may not be forced */
const stopMachine = async (
  cluster: Cluster,
  node: string,
  vmid: number,
  worker: Worker,
  how: { readonly ask: boolean; readonly force: boolean; readonly seconds: number },
): Promise<void> => {
  if (!cluster.hypervisor.isRunning(vmid)) return;
  checkLock(cluster.guests.get(node, vmid).config);
  if (how.ask && (await cluster.hypervisor.shutdown(vmid, how.seconds * 1000))) return;
  if (how.ask && !how.force) throw failure('VM quit/powerdown failed - got timeout');
  if (how.ask) worker.log('VM still running - terminating now with SIGTERM');
  await cluster.hypervisor.stop(vmid);
};

const rootOnly = (call: Call, ...names: readonly string[]): void => {
  for (const name of names) {
    if (call.parameters[name] !== undefined && call.user !== 'root@pam')
      throw badParameters({ [name]: 'Only root may use this option.' });
  }
};

/** True where the HA stack answers for the VM, so that a start or stop only changes what is wanted of it. */
const managed = ({ cluster }: Call, vmid: number): boolean => {
  const state = cluster.state().ha.resources[`vm:${vmid}`]?.['state'];
  return state !== undefined && state !== 'ignored';
};

/** Makes a VM what its HA resource wants, as the HA manager does in the background. */
export const reconcile = (cluster: Cluster, vmid: number): void => {
  const guest = cluster.guests.find(vmid);
  const wanted = cluster.state().ha.resources[`vm:${vmid}`]?.['state'] ?? 'started';
  if (guest === undefined || wanted === 'ignored') return;
  const run = wanted === 'started' || wanted === 'enabled';
  if (run === cluster.hypervisor.isRunning(vmid)) return;
  const { node } = guest;
  cluster.tasks.fork({
    ...{
      node,
      id: String(vmid),
      user: 'root@pam',
      type: run ? 'qmstart' : 'qmshutdown',
      takes: run ? 'vm-start' : 'vm-stop',
    },
    work: (worker) =>
      cluster.guests.locked(vmid, () =>
        run
          ? startMachine(cluster, node, vmid)
          : stopMachine(cluster, node, vmid, worker, { ask: true, force: true, seconds: SHUTDOWN_SECONDS }),
      ),
  });
};

const throughHa = (call: Call, type: 'hastart' | 'hastop', state: 'started' | 'stopped'): string => {
  const { cluster } = call;
  const vmid = vmidOf(call);
  return call.fork(
    vmid,
    (worker) => {
      worker.log(`Requesting HA ${state === 'started' ? 'start' : 'stop'} for VM ${vmid}`);
      const resource = cluster.state().ha.resources[`vm:${vmid}`];
      if (resource !== undefined) resource['state'] = state;
      reconcile(cluster, vmid);
    },
    type,
  );
};

/** POST …/status/start */
export const startVm = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  rootOnly(
    call,
    'skiplock',
    'stateuri',
    'migratedfrom',
    'migration_type',
    'migration_network',
    'targetstorage',
    'force-cpu',
  );
  if (managed(call, vmid)) return throughHa(call, 'hastart', 'started');
  return call.fork(vmid, () => cluster.guests.locked(vmid, () => startMachine(cluster, node, vmid)));
};

/** POST …/status/stop */
export const stopVm = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  rootOnly(call, 'skiplock', 'keepActive', 'migratedfrom');
  if (managed(call, vmid)) return throughHa(call, 'hastop', 'stopped');
  return call.fork(vmid, (worker) =>
    cluster.guests.locked(vmid, () =>
      stopMachine(cluster, node, vmid, worker, { ask: false, force: true, seconds: 0 }),
    ),
  );
};

const secondsOf = ({ parameters }: Call): number => Number(parameters['timeout'] ?? SHUTDOWN_SECONDS);

/** POST …/status/shutdown */
export const shutdownVm = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  rootOnly(call, 'skiplock', 'keepActive');
  if (managed(call, vmid)) return throughHa(call, 'hastop', 'stopped');
  const how = { ask: true, force: flag(call, 'forceStop'), seconds: secondsOf(call) };
  return call.fork(vmid, (worker) => cluster.guests.locked(vmid, () => stopMachine(cluster, node, vmid, worker, how)));
};

const mustRun = ({ cluster }: Call, vmid: number): void => {
  if (!cluster.hypervisor.isRunning(vmid)) throw failure(`VM ${vmid} not running`);
};

/** POST …/status/reboot: off and on again, so that pending changes of the hardware take effect. */
export const rebootVm = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  mustRun(call, vmid);
  return call.fork(vmid, (worker) =>
    cluster.guests.locked(vmid, async () => {
      await stopMachine(cluster, node, vmid, worker, { ask: true, force: false, seconds: secondsOf(call) });
      await startMachine(cluster, node, vmid);
    }),
  );
};

/** POST …/status/reset */
export const resetVm = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  rootOnly(call, 'skiplock');
  mustRun(call, vmid);
  return call.fork(vmid, () =>
    cluster.guests.locked(vmid, async () => {
      await cluster.hypervisor.stop(vmid);
      await startMachine(cluster, node, vmid);
    }),
  );
};
