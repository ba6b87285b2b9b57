import type { Call } from '../cluster';
import { flag, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import { checkLock, checkProtection } from './guests';

/** POST …/template */
export const makeTemplate = (call: Call): string => {
  const { cluster, node } = call;
  const vmid = vmidOf(call);
  const check = (): void => {
    const { config } = cluster.guests.get(node, vmid);
    checkLock(config);
    if (config['template'] === '1') throw failure("you can't convert a template to a template");
    if (cluster.hypervisor.isRunning(vmid)) throw failure("you can't convert a VM to template if VM is running");
  };
  check();
  return call.fork(vmid, () =>
    cluster.guests.locked(vmid, () => {
      check();
      cluster.guests.get(node, vmid).config['template'] = '1';
    }),
  );
};

/** DELETE /nodes/{node}/qemu/{vmid}: the VM, its disks and, with `purge`, what refers to it. */
export const destroyVm = (call: Call): string => {
  const { cluster, node, user } = call;
  const vmid = vmidOf(call);
  if (call.parameters['skiplock'] !== undefined && user !== 'root@pam')
    throw badParameters({ skiplock: 'Only root may use this option.' });
  const purge = flag(call, 'purge');
  const check = (): void => {
    const { config } = cluster.guests.get(node, vmid);
    checkProtection(config, `can't remove VM ${vmid}`);
    if (!purge && cluster.state().ha.resources[`vm:${vmid}`] !== undefined) {
      throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
    }
    if (cluster.hypervisor.isRunning(vmid)) throw failure(`VM ${vmid} is running - destroy failed`);
  };
  check();
  return call.fork(vmid, (worker) =>
    cluster.guests.locked(vmid, () => {
      check();
      const guest = cluster.guests.get(node, vmid);
      checkLock(guest.config);
      const referenced = new Set(Object.values(guest.config).map((value) => value.split(',')[0]));
      for (const volume of cluster.state().volumes.filter((candidate) => candidate.vmid === vmid)) {
        const volid = cluster.storages.volidOf(volume);
        if (referenced.has(volid) || flag(call, 'destroy-unreferenced-disks')) cluster.storages.remove(volume);
      }
      cluster.access.forget(`/vms/${vmid}`);
      for (const pool of Object.values(cluster.state().pools)) pool.vms = pool.vms.filter((member) => member !== vmid);
      if (purge) {
        worker.log(`purging VM ${vmid} from related configurations..`);
        Reflect.deleteProperty(cluster.state().ha.resources, `vm:${vmid}`);
        for (const [name, rule] of Object.entries(cluster.state().ha.rules)) {
          const left = (rule['resources'] ?? '').split(',').filter((sid) => sid !== `vm:${vmid}`);
          if (left.length === 0) Reflect.deleteProperty(cluster.state().ha.rules, name);
          else rule['resources'] = left.join(',');
        }
      }
      cluster.guests.remove(vmid);
    }),
  );
};
