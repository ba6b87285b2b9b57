import type { Endpoint } from '../cluster';
import { agentInterfaces, agentPing } from '../guest/agent';
import { createVm } from '../guest/create';
import { destroyVm, makeTemplate } from '../guest/destroy';
import { moveDisk, resizeDisk } from '../guest/disk-operations';
import { migrateVm, migrationPreconditions } from '../guest/migrate';
import { readPending } from '../guest/pending';
import { rebootVm, resetVm, shutdownVm, startVm, stopVm } from '../guest/power';
import { currentStatus, listVms, readConfig } from '../guest/read';
import { regenerateCloudInit, updateVm, updateVmLater } from '../guest/update';

const SOURCE = 'qemu-server src/PVE/API2/Qemu.pm';
const AGENT = 'qemu-server src/PVE/API2/Qemu/Agent.pm, register_command';

const VMS = '/nodes/{node}/qemu';
const VM = `${VMS}/{vmid}`;

export const QEMU: readonly Endpoint[] = [
  { method: 'GET', path: VMS, effect: listVms, source: `${SOURCE}, vmlist` },
  {
    method: 'POST',
    path: VMS,
    task: { type: 'qmcreate', takes: 'vm-create' },
    effect: createVm,
    source: `${SOURCE}, create_vm`,
  },
  {
    method: 'DELETE',
    path: VM,
    task: { type: 'qmdestroy', takes: 'vm-destroy' },
    effect: destroyVm,
    source: `${SOURCE}, destroy_vm`,
  },
  { method: 'GET', path: `${VM}/config`, effect: readConfig, source: `${SOURCE}, vm_config` },
  { method: 'GET', path: `${VM}/pending`, effect: readPending, source: `${SOURCE}, vm_pending` },
  { method: 'PUT', path: `${VM}/config`, effect: updateVm, source: `${SOURCE}, update_vm` },
  {
    method: 'POST',
    path: `${VM}/config`,
    task: { type: 'qmconfig' },
    effect: updateVmLater,
    source: `${SOURCE}, update_vm_async`,
  },
  { method: 'PUT', path: `${VM}/cloudinit`, effect: regenerateCloudInit, source: `${SOURCE}, cloudinit_update` },
  {
    method: 'PUT',
    path: `${VM}/resize`,
    task: { type: 'resize', takes: 'disk-resize' },
    effect: resizeDisk,
    source: `${SOURCE}, resize_vm`,
  },
  {
    method: 'POST',
    path: `${VM}/move_disk`,
    task: { type: 'qmmove', takes: 'disk-import' },
    effect: moveDisk,
    source: `${SOURCE}, move_vm_disk`,
  },
  {
    method: 'POST',
    path: `${VM}/template`,
    task: { type: 'qmtemplate' },
    effect: makeTemplate,
    source: `${SOURCE}, template`,
  },
  {
    method: 'GET',
    path: `${VM}/migrate`,
    effect: migrationPreconditions,
    source: `${SOURCE}, migrate_vm_precondition`,
  },
  {
    method: 'POST',
    path: `${VM}/migrate`,
    task: { type: 'qmigrate', takes: 'disk-import' },
    effect: migrateVm,
    source: `${SOURCE}, migrate_vm`,
  },
  { method: 'GET', path: `${VM}/status/current`, effect: currentStatus, source: `${SOURCE}, vm_status` },
  {
    method: 'POST',
    path: `${VM}/status/start`,
    task: { type: 'qmstart', takes: 'vm-start' },
    effect: startVm,
    source: `${SOURCE}, vm_start`,
  },
  {
    method: 'POST',
    path: `${VM}/status/stop`,
    task: { type: 'qmstop', takes: 'vm-stop' },
    effect: stopVm,
    source: `${SOURCE}, vm_stop`,
  },
  {
    method: 'POST',
    path: `${VM}/status/shutdown`,
    task: { type: 'qmshutdown', takes: 'vm-stop' },
    effect: shutdownVm,
    source: `${SOURCE}, vm_shutdown`,
  },
  {
    method: 'POST',
    path: `${VM}/status/reboot`,
    task: { type: 'qmreboot', takes: 'vm-start' },
    effect: rebootVm,
    source: `${SOURCE}, vm_reboot`,
  },
  {
    method: 'POST',
    path: `${VM}/status/reset`,
    task: { type: 'qmreset' },
    effect: resetVm,
    source: `${SOURCE}, vm_reset`,
  },
  { method: 'POST', path: `${VM}/agent/ping`, effect: agentPing, source: AGENT },
  { method: 'GET', path: `${VM}/agent/network-get-interfaces`, effect: agentInterfaces, source: AGENT },
];
