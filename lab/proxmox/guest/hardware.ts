import type { VirtualDisk, VirtualHardware, VirtualNic } from '../../hardware/hypervisor';
import type { Cluster } from '../cluster';
import { failure } from '../errors';
import { parsePropertyString, propertyOf } from '../schema/validate';
import type { GuestState } from '../state';
import { bootable, isCdrom, isCloudInit, isDrive, parseDrive } from './drives';
import { parseNet } from './network-devices';

/** `agent` of a config: on where it says `enabled=1` or `1`. */
export const agentEnabled = ({ schema }: Cluster, config: GuestState['config']): boolean => {
  const format = propertyOf(schema.methods['POST /nodes/{node}/qemu']?.parameters ?? {}, 'agent')?.format;
  const text = config['agent'];
  if (text === undefined || format === undefined || typeof format === 'string') return false;
  return parsePropertyString(format, text)['enabled'] === '1';
};

/** Drives in boot order, then those that are not in it. */
const disksOf = ({ schema, storages }: Cluster, { config, node }: GuestState): VirtualDisk[] => {
  const order = (/order=([^,]*)/.exec(config['boot'] ?? '')?.[1] ?? '').split(';');
  const keys = bootable(Object.keys(config));
  const sorted = [...order.filter((key) => keys.includes(key)), ...keys.filter((key) => !order.includes(key))];
  return sorted.flatMap((device) => {
    const drive = parseDrive(schema, device, config[device] ?? '');
    return isCdrom(drive) ? [] : [{ device, path: storages.volume(drive['file'] ?? '', node).path }];
  });
};

const nicsOf = ({ schema, bridges }: Cluster, { config }: GuestState): VirtualNic[] =>
  Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()
    .map((key) => {
      const { macaddr = '', bridge = '', tag, mtu, link_down } = parseNet(schema, config[key] ?? '');
      if (!bridges.includes(bridge)) throw failure(`bridge '${bridge}' does not exist`);
      return {
        mac: macaddr.toUpperCase(),
        bridge,
        linkDown: link_down === '1',
        ...(tag === undefined ? {} : { vlan: Number(tag) }),
        ...(mtu === undefined || mtu === '1' ? {} : { mtu: Number(mtu) }),
      };
    });

/** @throws ApiError 500 where a mapping is none, or has no device here: qemu-server src/PVE/QemuServer/PCI.pm parse_hostpci */
const checkPciDevices = ({ pciMappings }: Cluster, { config }: GuestState): void => {
  for (const [key, value] of Object.entries(config)) {
    const mapping = /^hostpci\d+$/.test(key) ? /(?:^|,)mapping=([^,]+)/.exec(value)?.[1] : undefined;
    if (mapping !== undefined && !pciMappings.includes(mapping))
      throw failure(`PCI device mapping not found for '${mapping}'`);
  }
};

/** A machine type is of one architecture: `virt` of arm64 (QEMU hw/arm/virt.c). @throws ApiError 500: vm_start_nolock of QemuServer.pm */
const checkMachineType = (machine: string, arm64: boolean): void => {
  if (machine !== '' && /^(type=)?virt/.test(machine) !== arm64) throw failure('start failed: QEMU exited with code 1');
};

/** The options of a config that a cloud-init drive would carry, where one is attached. */
const cloudInitOf = ({ config }: GuestState): VirtualHardware['cloudInit'] => {
  const attached = Object.entries(config).some(
    ([key, value]) => isDrive(key) && isCloudInit({ file: value.split(',')[0] ?? '' }),
  );
  if (!attached) return undefined;
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => /^(ipconfig\d+|nameserver|searchdomain|sshkeys|ci\w+)$/.test(key)),
  );
};

/** Sockets times cores, or `vcpus`: qemu-server src/PVE/QemuServer.pm vmstatus. */
export const cpusOf = (config: GuestState['config']): number =>
  Number(config['vcpus'] ?? Number(config['sockets'] ?? 1) * Number(config['cores'] ?? 1));

/** MiB; `current=` may stand before the number. */
export const memoryOf = (config: GuestState['config']): number => Number(/\d+/.exec(config['memory'] ?? '512')?.[0]);

/** A config as the machine that it describes. @throws ApiError 500 where the host can't build it */
export const hardwareOf = (cluster: Cluster, guest: GuestState): VirtualHardware => {
  const { config, node, vmid } = guest;
  const host = cluster.hosts.find(({ name }) => name === node);
  const limit = host?.cores ?? 16;
  const cloudInit = cloudInitOf(guest);
  const arm64 = host?.arm64 === true;
  checkMachineType(config['machine'] ?? '', arm64);
  checkPciDevices(cluster, guest);
  if (cpusOf(config) > limit) throw failure(`MAX ${limit} vcpus allowed per VM on this node`);
  return {
    vmid,
    host: node,
    name: config['name'] ?? `VM ${vmid}`,
    uuid: /uuid=([0-9a-f-]+)/i.exec(config['smbios1'] ?? '')?.[1] ?? '',
    cores: cpusOf(config),
    memoryMiB: memoryOf(config),
    disks: disksOf(cluster, guest),
    nics: nicsOf(cluster, guest),
    ...(arm64 && { architecture: 'arm64' as const }),
    ...(/version=v2\.0/.test(config['tpmstate0'] ?? '') && { tpm: true }),
    agent: agentEnabled(cluster, config),
    ...(cloudInit === undefined ? {} : { cloudInit }),
  };
};
