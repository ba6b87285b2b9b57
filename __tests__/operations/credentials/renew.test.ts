import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strangersIn } from '../../../operations/credentials/renew';
import { readPlan } from '../../../operations/review/terraform-plan';

const PLANS = join(__dirname, '..', 'review', 'plans');
const recorded = (name: string): readonly string[] =>
  strangersIn(readPlan(JSON.parse(readFileSync(join(PLANS, `${name}.json`), 'utf8'))));

const applied = (before: string, after: string): object => ({
  address: 'talos_machine_configuration_apply.controlplane0_applied',
  mode: 'managed',
  type: 'talos_machine_configuration_apply',
  change: {
    actions: ['update'],
    before: { machine_configuration_input: before },
    after: { machine_configuration_input: after },
  },
});
const renewal = (...others: readonly object[]): readonly string[] =>
  strangersIn(
    readPlan({
      format_version: '1.2',
      planned_values: {},
      resource_changes: [
        {
          address: 'talos_cluster_kubeconfig.bootstrap_kubeconfig',
          mode: 'managed',
          type: 'talos_cluster_kubeconfig',
          change: { actions: ['delete', 'create'], before: {}, after: {} },
        },
        {
          address: 'talos_machine_secrets.identity_secrets',
          mode: 'managed',
          type: 'talos_machine_secrets',
          change: { actions: ['update'], before: {}, after: {} },
        },
        ...others,
      ],
    }),
  );

describe('O-2 new credentials', () => {
  test('are all that is changed, with the clients of the Talos API that use them', () => {
    expect(renewal(applied('version: v1alpha1', 'version: v1alpha1'))).toEqual([]);
    expect(recorded('no-change')).toEqual([]);
  });

  test('do not bring along what waits to be deployed: another config, another VM', () => {
    expect(renewal(applied('debug: false', 'debug: true'))).toEqual([
      'talos_machine_configuration_apply.controlplane0_applied',
    ]);
    expect(recorded('control-plane-memory')).toEqual([
      'proxmox_virtual_environment_vm.controlplane0_vm',
      'proxmox_virtual_environment_vm.controlplane1_vm',
      'proxmox_virtual_environment_vm.controlplane2_vm',
    ]);
  });
});
