import { ROOT_TOKEN } from './data-centre';
import type { Recording } from './recordings';

const USER = ROOT_TOKEN.split('=')[0] ?? '';

const call = (method: string, path: string, parameters: Readonly<Record<string, string>> = {}): Recording => ({
  ...{ method, path, parameters, user: USER, status: 200, reason: 'OK' },
});

const VM = '/nodes/pve1/qemu/300';
const create = call('POST', '/nodes/pve1/qemu', { vmid: '300', name: 'by-hand', agent: '1', scsi0: 'local:1' });

/** Calls that the provider does not send in this project, but its preflight, an operator or a test may. */
export const BY_HAND_9: readonly Recording[] = [
  call('GET', '/access/ticket'),
  call('GET', '/access/permissions', { path: '/vms' }),
  call('GET', '/cluster/status'),
  call('GET', '/nodes/pve1/status'),
  call('GET', '/nodes/pve1/network', { type: 'any_bridge' }),
  call('GET', '/nodes/pve1/storage/local/status'),
  create,
  call('GET', '/nodes/pve1/qemu'),
  call('GET', '/nodes/pve1/tasks', { vmid: '300' }),
  call('POST', `${VM}/config`, { cores: '2', background_delay: '1' }),
  call('POST', `${VM}/status/start`),
  call('GET', `${VM}/pending`),
  call('POST', `${VM}/agent/ping`),
  call('GET', `${VM}/agent/network-get-interfaces`),
  call('POST', `${VM}/status/reboot`),
  call('POST', `${VM}/status/reset`),
  call('GET', `${VM}/migrate`, { target: 'pve2' }),
  call('POST', '/cluster/ha/resources', { sid: 'vm:300', state: 'started' }),
  call('POST', '/cluster/ha/resources/vm:300/migrate', { node: 'pve1' }),
  call('DELETE', '/cluster/ha/resources/vm:300'),
  call('PUT', '/pools/talos', { vms: '300' }),
  call('GET', '/pools/talos'),
  call('PUT', '/pools/talos', { vms: '300', delete: '1' }),
  call('DELETE', '/pools/talos'),
  call('POST', `${VM}/status/stop`),
  call('POST', `${VM}/template`),
  call('GET', '/cluster/ha/resources'),
  call('GET', '/cluster/ha/rules'),
];

/** HA groups are gone in 9: Proxmox answers `ha groups have been migrated to rules`. */
export const BY_HAND_8: readonly Recording[] = [
  call('POST', '/cluster/ha/groups', { group: 'first', nodes: 'pve1:2,pve2' }),
  call('GET', '/cluster/ha/groups'),
  call('GET', '/cluster/ha/groups/first'),
  call('PUT', '/cluster/ha/groups/first', { comment: 'preferred', restricted: '1' }),
  call('DELETE', '/cluster/ha/groups/first'),
];
