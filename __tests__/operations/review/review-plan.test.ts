import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderMarkdown } from '../../../operations/review/render-markdown';
import { renderText } from '../../../operations/review/render-text';
import { reviewPlan, type Review, type ReviewOptions } from '../../../operations/review/review-plan';
import { readPlan } from '../../../operations/review/terraform-plan';
import { EXPECTED } from './expected';

const PLANS = join(__dirname, 'plans');

type Json = Record<string, unknown>;
const json = (name: string): Json => JSON.parse(readFileSync(join(PLANS, `${name}.json`), 'utf8')) as Json;
const review = (name: string, options: Partial<ReviewOptions> = {}): Review =>
  reviewPlan(readPlan(json(name)), { stack: 'infrastructure', ...options });
const said = ({ risk, findings }: Review): string[] => [
  risk,
  ...findings.map((finding) => `${finding.risk} ${finding.code}: ${finding.message}`),
];

describe('O-4 plans that the real Terraform made in the lab', () => {
  test('every recorded plan has its expectation, and there are more than 25', () => {
    const recorded = readdirSync(PLANS).map((file) => file.replace('.json', ''));
    expect(recorded.filter((name) => EXPECTED[name] === undefined)).toEqual(['drift-lost', 'drift-tags']);
    expect(Object.keys(EXPECTED).filter((name) => !recorded.includes(name))).toEqual([]);
    expect(Object.keys(EXPECTED).length).toBeGreaterThan(25);
  });

  test.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    expect(said(review(name))).toEqual(expected);
  });

  test('a control plane that has left etcd may go', () => {
    const etcdMembers = ['controlplane0', 'controlplane1'];
    expect(said(review('control-planes-3-to-2', { etcdMembers })).slice(0, 2)).toEqual([
      'low',
      'low etcd-member-dropped: controlplane2 is destroyed; it has left etcd',
    ]);
  });

  test('one that etcd still has may not', () => {
    const etcdMembers = ['controlplane0', 'controlplane1', 'controlplane2'];
    expect(said(review('control-planes-3-to-2', { etcdMembers })).slice(0, 2)).toEqual([
      'high',
      'high etcd-member-dropped: controlplane2 is destroyed, and it is still an etcd member',
    ]);
  });
});

/** A recorded plan with one resource put in or changed: what no spec of today can make. */
describe('what the lab can’t plan', () => {
  const withResource = (resource: object): Json => {
    const plan = json('no-change');
    return { ...plan, resource_changes: [...(plan['resource_changes'] as object[]), resource] };
  };

  test('a change that no rule knows is high, and named', () => {
    const plan = withResource({
      address: 'acme_thing.one',
      mode: 'managed',
      type: 'acme_thing',
      change: { actions: ['delete'], before: { password: 'hunter2' }, after: null },
    });
    expect(said(reviewPlan(readPlan(plan), { stack: 'infrastructure' }))).toEqual([
      'high',
      'high other-change: acme_thing.one: destroy',
    ]);
  });

  test('a data disk that goes is destructive', () => {
    const disks = [{ interface: 'scsi0', size: 40, datastore_id: 'local-lvm' }];
    const data = { interface: 'scsi1', size: 100, datastore_id: 'local-lvm' };
    const plan = withResource({
      address: 'proxmox_virtual_environment_vm.worker9_vm',
      mode: 'managed',
      type: 'proxmox_virtual_environment_vm',
      change: {
        actions: ['update'],
        before: { disk: [...disks, data], tags: ['worker'] },
        after: { disk: disks, tags: ['worker'] },
      },
    });
    expect(said(reviewPlan(readPlan(plan), { stack: 'infrastructure' })).slice(0, 2)).toEqual([
      'destructive',
      'destructive disk-destroyed: disk scsi1 of worker9, 100 GiB, is destroyed with what is on it',
    ]);
  });

  test('O-7 a protected VM that goes, or loses a disk', () => {
    const disks = [0, 1].map((slot) => ({ interface: `scsi${slot}`, size: 40, datastore_id: 'local-lvm' }));
    const before = { disk: disks, tags: ['worker'], protection: true };
    const changed = (actions: readonly string[], after: object | null): string[] =>
      said(
        reviewPlan(
          readPlan(
            withResource({
              address: 'proxmox_virtual_environment_vm.worker9_vm',
              mode: 'managed',
              type: 'proxmox_virtual_environment_vm',
              change: { actions, before, after },
            }),
          ),
          { stack: 'infrastructure' },
        ),
      ).filter((line) => line.includes('protected-'));
    const refused = 'high protected-destroyed: Proxmox protects worker9: the apply fails there, with the VM stopped';
    expect(changed(['delete'], null)).toEqual([refused]);
    expect(changed(['update'], { ...before, disk: disks.slice(0, 1) })).toEqual([refused]);
    expect(changed(['update'], { ...before, tags: ['worker', 'x'] })).toEqual([]);
  });

  test('a field that Talos takes at a start only', () => {
    const config = (disk: string): object => ({
      machine_configuration_input: `machine:\n  install: {disk: /dev/sda}\n  disks: [{device: ${disk}}]\n`,
    });
    const plan = json('no-change');
    const changes = (plan['resource_changes'] as { address: string }[]).map((resource) =>
      resource.address === 'talos_machine_configuration_apply.worker0_applied'
        ? { ...resource, change: { actions: ['update'], before: config('/dev/sdb'), after: config('/dev/sdc') } }
        : resource,
    );
    expect(said(reviewPlan(readPlan({ ...plan, resource_changes: changes }), { stack: 'infrastructure' }))).toEqual([
      'high',
      'high config-restart-needed: machine.disks of worker0 need a restart, which this apply does not make',
    ]);
  });

  test('another version of a provider', () => {
    const plan = json('no-change');
    const output = (helm: string): object => ({ providers: { helm, talos: '0.11.0' } });
    const changed = (from: string, to: string): Review =>
      reviewPlan(
        readPlan({
          ...plan,
          output_changes: { cluster_config: { actions: ['update'], before: output(from), after: output(to) } },
        }),
        { stack: 'infrastructure' },
      );
    expect(said(changed('3.1.1', '3.2.0'))).toEqual([
      'low',
      'low provider-changed: provider helm goes from 3.1.1 to 3.2.0',
    ]);
    expect(said(changed('3.1.1', '2.17.0'))).toEqual([
      'high',
      'high provider-changed: provider helm goes back from 3.1.1 to 2.17.0: it may not read the state that the newer one wrote',
    ]);
  });

  test('a state in place of a plan', () => {
    expect(() => readPlan({ format_version: '1.0', values: {} })).toThrow(
      'this is not a plan as `terraform show -json <plan>` writes it: it has no planned values',
    );
  });
});

describe('how a review is shown', () => {
  test('as text', () => {
    expect(renderText(review('worker-removed'))).toBe(
      [
        'infrastructure: high (1 high; 6 resources change)',
        '',
        'high  worker-removed: worker1 is destroyed',
        '      fix: npx groundwork node remove worker1',
      ].join('\n'),
    );
  });

  test('as Markdown, with every resource folded away', () => {
    expect(renderMarkdown(review('worker-removed'))).toBe(`<!-- groundwork-review infrastructure -->
### Plan of infrastructure: **high**

1 high; 6 resources change.

| risk | what happens | what to do |
| ---- | ------------ | ---------- |
| high | worker1 is destroyed | npx groundwork node remove worker1 |

<details><summary>6 resources</summary>

\`\`\`text
replace  null_resource.ready_wait
destroy  proxmox_download_file.worker1_image_file
destroy  proxmox_virtual_environment_vm.worker1_vm
destroy  talos_image_factory_schematic.worker1_image_schematic
destroy  talos_machine_configuration_apply.worker1_applied
destroy  terraform_data.worker1_vm_identity
\`\`\`

</details>
`);
  });

  test('nothing to do is said in one line', () => {
    expect(renderText(review('no-change'))).toBe('infrastructure: no changes');
  });
});
