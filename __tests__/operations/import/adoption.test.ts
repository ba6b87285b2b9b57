import { nodeImage } from '../../../images/node-image';
import { addressesOf, adoptions } from '../../../operations/import/adoption';
import type { Reader } from '../../../operations/preflight/look';
import { examplePlan } from '../../setup/example-plan';

const plan = examplePlan();
const [first] = plan.nodes;
if (first === undefined) throw new Error('the example has no node');
const image = `local:import/${nodeImage(plan, first).fileName}`;

const proxmox: Reader = {
  get: <Data>(path: string): Promise<Data> => {
    const answer = path.endsWith('/content')
      ? [{ volid: image }]
      : [
          {
            vmid: 1500,
            node: 'rhea',
            name: 'talos-controlplane0',
            type: 'qemu',
            status: 'running',
            tags: 'a;groundwork-infrastructure',
          },
          { vmid: 1501, node: 'atlas', name: 'pihole', type: 'qemu', status: 'running', tags: 'groundwork' },
          {
            vmid: 2000,
            node: 'atlas',
            name: 'mail',
            type: 'lxc',
            status: 'running',
            tags: 'groundwork-infrastructure',
          },
        ];
    return Promise.resolve(answer as Data);
  },
};

test('T-10 only what has the cluster’s tag is adopted, where it is now; an image is known by its name', async () => {
  const found = await adoptions(plan, proxmox, new Set(['proxmox_download_file.worker0_image_file']));
  expect(found.map(({ address, fate, id }) => `${fate} ${address} ${id}`.trim())).toEqual([
    `adopt proxmox_download_file.controlplane0_image_file atlas/${image}`,
    'adopt proxmox_virtual_environment_vm.controlplane0_vm rhea/1500',
    expect.stringMatching(
      /^absent proxmox_download_file.controlplane1_image_file atlas\/local:import\/talos-/,
    ) as string,
    'refuse proxmox_virtual_environment_vm.controlplane1_vm atlas/1501',
    expect.stringMatching(/^known proxmox_download_file.worker0_image_file /) as string,
    'refuse proxmox_virtual_environment_vm.worker0_vm atlas/2000',
  ]);
  expect(found[3]?.fact).toBe(
    "VM 1501 (pihole) on atlas has not tag groundwork-infrastructure: it is not this cluster's",
  );
});

test.each([
  ['{"format_version":"1.0"}', []],
  ['{"format_version":"1.0","values":{"root_module":{}}}', []],
  ['{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b"}]}}}', ['a.b']],
])('the state %s', (json, expected) => {
  expect([...addressesOf(json)]).toEqual(expected);
});
