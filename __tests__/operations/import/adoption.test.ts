import { addressesOf, adoptions } from '../../../operations/import/adoption';
import type { Reader } from '../../../operations/preflight/look';
import { examplePlan } from '../../setup/example-plan';

const plan = examplePlan();

const guest = (vmid: number, node: string, name: string, tags: string): object => ({
  ...{ vmid, node, name, type: 'qemu', status: 'running', tags },
});

const proxmox: Reader = {
  get: <Data>(): Promise<Data> =>
    Promise.resolve([
      guest(1500, 'rhea', 'talos-controlplane0', 'a;groundwork-infrastructure'),
      guest(1501, 'atlas', 'pihole', 'groundwork'),
      { ...guest(2000, 'atlas', 'mail', 'groundwork-infrastructure'), type: 'lxc' },
    ] as Data),
};

const VM = 'proxmox_virtual_environment_vm';

test('T-10 only a VM with the cluster’s tag is adopted, on the host where it is now', async () => {
  const found = await adoptions(plan, proxmox, new Set());
  expect(found.map(({ address, fate, id }) => `${fate} ${address} ${id}`)).toEqual([
    `adopt ${VM}.controlplane0_vm rhea/1500`,
    `refuse ${VM}.controlplane1_vm atlas/1501`,
    `refuse ${VM}.worker0_vm atlas/2000`,
  ]);
  expect(found[1]?.fact).toBe(
    "VM 1501 (pihole) on atlas has not tag groundwork-infrastructure: it is not this cluster's",
  );
});

test('what Terraform has, and what is not there, is left alone', async () => {
  const found = await adoptions(plan, { get: <Data>() => Promise.resolve([] as Data) }, new Set([`${VM}.worker0_vm`]));
  expect(found.map(({ fate }) => fate)).toEqual(['absent', 'absent', 'known']);
});

test.each([
  ['{"format_version":"1.0"}', []],
  ['{"format_version":"1.0","values":{"root_module":{}}}', []],
  ['{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b"}]}}}', ['a.b']],
])('the state %s', (json, expected) => {
  expect([...addressesOf(json)]).toEqual(expected);
});
