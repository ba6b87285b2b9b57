import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeDrift, driftOf } from '../../../operations/drift/drift';
import { readPlan } from '../../../operations/review/terraform-plan';

const PLANS = join(__dirname, '..', 'review', 'plans');
const recorded = (name: string): string =>
  describeDrift(driftOf(readPlan(JSON.parse(readFileSync(join(PLANS, `${name}.json`), 'utf8')))));

const planWith = (change: object, type = 'helm_release'): string =>
  describeDrift(
    driftOf(
      readPlan({
        format_version: '1.2',
        planned_values: {},
        resource_drift: [{ address: `${type}.one`, mode: 'managed', type, change }],
      }),
    ),
  );

describe('O-7 drift, of plans that the real Terraform made in the lab', () => {
  test('tags and memory of a VM, and not the five VMs whose empty lists are read back otherwise', () => {
    expect(recorded('drift-tags')).toBe(`changed  proxmox_virtual_environment_vm.worker0_vm
         memory.0.dedicated: 4096, now 6144
         tags: ["groundwork-infrastructure","worker"], now ["groundwork-infrastructure","somebody","worker"]
`);
  });

  test('a VM that is gone', () => {
    expect(recorded('drift-lost')).toContain('lost     proxmox_virtual_environment_vm.worker1_vm\n');
  });

  test('a secret is not shown', () => {
    const change = {
      actions: ['update'],
      before: { set: [{ value: 'old' }], name: 'a' },
      after: { set: [{ value: 'new' }], name: 'b' },
      before_sensitive: { set: [{ value: true }] },
      after_sensitive: {},
    };
    expect(planWith(change)).toBe(`changed  helm_release.one
         set.0.value: (sensitive), now (sensitive)
         name: a, now b
`);
  });

  test('nothing, in another shape, is no drift', () => {
    const change = {
      actions: ['update'],
      before: { values: '{}', annotations: null, name: '' },
      after: { values: 'null', annotations: {}, name: null },
    };
    expect(planWith(change)).toBe('');
  });

  test('what a machine tells of itself is no drift', () => {
    const change = {
      actions: ['update'],
      before: { ipv4_addresses: [] },
      after: { ipv4_addresses: [['10.0.2.1']] },
    };
    expect(planWith(change, 'proxmox_virtual_environment_vm')).toBe('');
  });
});
