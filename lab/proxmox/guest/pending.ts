import { type Call, type Cluster, vmidOf } from '../cluster';
import type { GuestConfig, GuestState } from '../state';
import { digestOf } from './guests';

/** Options that are of no consequence to a running machine: qemu-server src/PVE/QemuServer.pm $fast_plug_option. */
const AT_ONCE = new Set([
  ...['description', 'hookscript', 'lock', 'migrate_downtime', 'migrate_speed', 'name', 'onboot', 'protection'],
  ...['shares', 'startup', 'tags', 'vmstatestorage'],
  ...['cicustom', 'cipassword', 'citype', 'ciupgrade', 'ciuser', 'nameserver', 'searchdomain', 'sshkeys'],
  // Limits of the control group, which are not in the machine at all.
  ...['cpulimit', 'cpuunits'],
]);

/** What `hotplug` of a config allows: parse_hotplug_features, ibid. */
const hotplugOf = ({ hotplug = '1' }: GuestConfig): ReadonlySet<string> => {
  if (hotplug === '0') return new Set();
  return new Set((hotplug === '1' ? 'network,disk,usb' : hotplug).split(','));
};

const balloons = (value: string | undefined): boolean => value !== '0';
const needsRestart = (hotplug = ''): boolean => /cpu|memory/.test(hotplug);

/**
 * True where a running VM takes the option at once; `value` is undefined where it is deleted. Drives are left out: all
 * that the lab can change of one is changed at once. Source: vmconfig_hotplug_pending, ibid.
 */
const plugsIn = (config: GuestConfig, key: string, value: string | undefined): boolean => {
  const features = hotplugOf(config);
  if (AT_ONCE.has(key) || /^ipconfig\d+$/.test(key)) return true;
  if (/^net\d+$/.test(key)) return features.has('network');
  if (/^usb\d+$/.test(key) || key === 'tablet') return features.has('usb');
  if (key === 'vcpus') return features.has('cpu');
  if (key === 'memory') return features.has('memory');
  if (key === 'balloon') return balloons(config['balloon']) === balloons(value);
  if (key === 'hotplug') return !needsRestart(config['hotplug']) && !needsRestart(value);
  return false;
};

/** The config as it will be at the next power-on. */
export const withPending = ({ config, pending }: GuestState): GuestConfig =>
  Object.fromEntries(
    Object.entries({ ...config, ...pending?.set }).filter(([key]) => pending?.deleted.includes(key) !== true),
  );

const keep = (guest: GuestState, set: GuestConfig, deleted: readonly string[]): void => {
  const { config } = guest;
  // What is as it was waits for nothing: cleanup_pending of pve-guest-common src/PVE/AbstractConfig.pm
  const left = Object.fromEntries(Object.entries(set).filter(([key, value]) => config[key] !== value));
  const gone = deleted.filter((key) => config[key] !== undefined && left[key] === undefined);
  if (Object.keys(left).length + gone.length === 0) delete guest.pending;
  else guest.pending = { set: left, deleted: gone };
};

/** Takes back what waits for one option. */
export const revertOption = (guest: GuestState, key: string): void => {
  const { set = {}, deleted = [] } = guest.pending ?? {};
  keep(
    guest,
    Object.fromEntries(Object.entries(set).filter(([name]) => name !== key)),
    deleted.filter((name) => name !== key),
  );
};

/** Sets an option, or deletes it where `value` is undefined: now, or at the next power-on of a VM that runs. */
export const changeOption = ({ hypervisor }: Cluster, guest: GuestState, key: string, value?: string): void => {
  revertOption(guest, key);
  const { set = {}, deleted = [] } = guest.pending ?? {};
  if (hypervisor.isRunning(guest.vmid) && !plugsIn(guest.config, key, value)) {
    keep(
      guest,
      value === undefined ? set : { ...set, [key]: value },
      value === undefined ? [...deleted, key] : deleted,
    );
  } else if (value === undefined) Reflect.deleteProperty(guest.config, key);
  else guest.config[key] = value;
};

/** What a power-on does first: vmconfig_apply_pending. */
export const applyPending = (guest: GuestState): void => {
  guest.config = withPending(guest);
  delete guest.pending;
};

const shownValue = (key: string, value: string): string => (key === 'cipassword' ? '**********' : value);

/** GET …/pending: each option with its value of now and the one that waits. */
export const readPending = (call: Call): unknown => {
  const guest = call.cluster.guests.get(call.node, vmidOf(call));
  const { config, pending } = guest;
  const keys = [...new Set([...Object.keys(config), ...Object.keys(pending?.set ?? {})])].sort();
  return [
    ...keys.map((key) => {
      const [value, waiting] = [config[key], pending?.set[key]];
      return {
        key,
        ...(value === undefined ? {} : { value: shownValue(key, value) }),
        ...(waiting === undefined ? {} : { pending: shownValue(key, waiting) }),
        ...(pending?.deleted.includes(key) === true ? { delete: 1 } : {}),
      };
    }),
    { key: 'digest', value: digestOf(guest) },
  ];
};
