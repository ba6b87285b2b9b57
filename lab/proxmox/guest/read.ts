import { type Call, type Cluster, vmidOf } from '../cluster';
import { badParameters, failure } from '../errors';
import { propertyOf } from '../schema/validate';
import type { GuestConfig, GuestState } from '../state';
import { isCdrom, parseDrive } from './drives';
import { digestOf } from './guests';
import { agentEnabled, cpusOf, memoryOf } from './hardware';
import { withPending } from './pending';

/** What Proxmox says of a VM wherever it lists one: pve-manager PVE/API2Tools.pm extract_vm_stats. */
const vitals = ({ hypervisor }: Cluster, { vmid, config }: GuestState): Record<string, unknown> => {
  const status = hypervisor.isRunning(vmid) ? 'running' : 'stopped';
  return {
    ...{ vmid, name: config['name'] ?? `VM ${vmid}`, status, uptime: hypervisor.uptime(vmid) },
    ...{ maxmem: memoryOf(config) * 1024 ** 2, mem: 0, maxdisk: 0, disk: 0, cpu: 0 },
    ...{ netin: 0, netout: 0, diskread: 0, diskwrite: 0 },
  };
};

/** A VM among the resources of the cluster and the members of a pool. */
export const guestSummary = (cluster: Cluster, guest: GuestState): Record<string, unknown> => ({
  ...{ id: `qemu/${guest.vmid}`, node: guest.node, type: 'qemu', ...vitals(cluster, guest) },
  ...{ template: guest.config['template'] === '1' ? 1 : 0, maxcpu: cpusOf(guest.config) },
});

/** Integers and booleans are numbers, all else is text: qemu-server src/PVE/QemuServer.pm check_type. */
const typed = ({ schema }: Cluster, config: GuestConfig): Record<string, string | number> => {
  const known = schema.methods['POST /nodes/{node}/qemu']?.parameters ?? {};
  const entries = Object.entries(config).map(([key, value]) => {
    const type = propertyOf(known, key)?.type;
    return [key, type === 'integer' || type === 'boolean' ? Number(value) : value] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** GET …/config: with changes that wait for the next power-on. */
export const readConfig = (call: Call): unknown => {
  const { cluster, node, parameters } = call;
  const { snapshot } = parameters;
  if (snapshot !== undefined && parameters['current'] === '1') {
    const text = "cannot use 'snapshot' parameter with 'current'";
    throw badParameters({ snapshot: text, current: text });
  }
  const guest = cluster.guests.get(node, vmidOf(call));
  if (snapshot !== undefined) throw failure(`snapshot '${snapshot}' does not exist`);
  const shown: GuestConfig = parameters['current'] === '1' ? { ...guest.config } : withPending(guest);
  if (shown['description'] !== undefined) shown['description'] = shown['description'].trimEnd();
  if (shown['cipassword'] !== undefined) shown['cipassword'] = '**********';
  return { ...typed(cluster, shown), digest: digestOf(guest) };
};

/** Size of the disk that the VM boots from, in bytes. */
const bootDiskSize = ({ schema }: Cluster, { config }: GuestState): number => {
  for (const key of (/order=([^,]*)/.exec(config['boot'] ?? '')?.[1] ?? '').split(';')) {
    if (!/^(ide|sata|scsi|virtio)\d+$/.test(key) || config[key] === undefined) continue;
    const drive = parseDrive(schema, key, config[key]);
    if (!isCdrom(drive)) return Number(drive['size'] ?? 0);
  }
  return 0;
};

/** GET …/status/current */
export const currentStatus = (call: Call): unknown => {
  const { cluster, node } = call;
  const guest = cluster.guests.get(node, vmidOf(call));
  const { vmid, config } = guest;
  const running = cluster.hypervisor.isRunning(vmid);
  const resource = cluster.state().ha.resources[`vm:${vmid}`];
  const { lock, tags } = config;
  return {
    ...{ ...vitals(cluster, guest), cpus: cpusOf(config), maxdisk: bootDiskSize(cluster, guest) },
    qmpstatus: running ? 'running' : 'stopped',
    ha: resource === undefined ? { managed: 0 } : { managed: 1, state: resource['state'] ?? 'started' },
    ...(config['template'] === '1' ? { template: 1 } : {}),
    ...(running ? { pid: 100_000 + vmid, 'running-machine': config['machine'] ?? 'pc' } : {}),
    ...(Object.keys(config).some((key) => /^serial\d/.test(key)) ? { serial: 1 } : {}),
    ...(lock === undefined ? {} : { lock }),
    ...(tags === undefined ? {} : { tags }),
    ...(agentEnabled(cluster, config) ? { agent: 1 } : {}),
  };
};

/** GET /nodes/{node}/qemu */
export const listVms = ({ cluster, node, user }: Call): unknown[] =>
  cluster.guests
    .all()
    .filter((guest) => guest.node === node && cluster.access.may(user, `/vms/${guest.vmid}`, 'VM.Audit'))
    .map((guest) => {
      const { tags } = guest.config;
      return { ...vitals(cluster, guest), cpus: cpusOf(guest.config), ...(tags === undefined ? {} : { tags }) };
    });
