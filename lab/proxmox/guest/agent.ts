import { type Call, vmidOf } from '../cluster';
import { failure } from '../errors';
import { agentEnabled } from './hardware';

/** The guest agent answers only in a running VM that has one: qemu-server src/PVE/QemuServer/Agent.pm. */
const asked =
  (ask: (call: Call, vmid: number) => Promise<unknown>) =>
  async (call: Call): Promise<unknown> => {
    const { cluster, node } = call;
    const vmid = vmidOf(call);
    const { config } = cluster.guests.get(node, vmid);
    if (config['agent'] === undefined) throw failure('No QEMU guest agent configured');
    if (!cluster.hypervisor.isRunning(vmid)) throw failure(`VM ${vmid} is not running`);
    try {
      if (!agentEnabled(cluster, config)) throw new Error('no channel');
      return { result: await ask(call, vmid) };
    } catch {
      throw failure('QEMU guest agent is not running');
    }
  };

/** GET …/agent/network-get-interfaces */
export const agentInterfaces = asked(({ cluster }, vmid) => cluster.hypervisor.agentInterfaces(vmid));

/** POST …/agent/ping */
export const agentPing = asked(async ({ cluster }, vmid) => {
  await cluster.hypervisor.agentInterfaces(vmid);
  return {};
});
