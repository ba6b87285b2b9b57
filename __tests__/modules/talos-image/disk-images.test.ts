import { blockAt, synthesized } from '../../stacks/synthesized';
import { examplePlan } from '../../setup/example-plan';

const ID = '76deeb57e6acd64b5ce7efbf27718df097cf3c25a494155a7f0ec47bfa3cbe91';

describe('T-7 disk image', () => {
  const json = synthesized(examplePlan());

  test('is downloaded by Proxmox, under a name that says what is in it', () => {
    expect(blockAt(json, 'proxmox_download_file.controlplane0_image_file')).toEqual({
      node_name: 'atlas',
      datastore_id: 'local',
      content_type: 'import',
      file_name: 'talos-1.13.9-76deeb57e6ac-amd64.qcow2',
      url: `https://factory.talos.dev/image/${ID}/v1.13.9/metal-amd64.qcow2`,
      verify: true,
      overwrite: false,
      overwrite_unmanaged: true,
      upload_timeout: 1800,
      depends_on: ['talos_image_factory_schematic.controlplane0_image_schematic'],
      lifecycle: { create_before_destroy: true },
    });
  });

  test('T-6 the factory must give the id that was computed without it', () => {
    expect(blockAt(json, 'talos_image_factory_schematic.controlplane0_image_schematic')['lifecycle']).toEqual({
      postcondition: [
        {
          condition: `\${self.id == "${ID}"}`,
          error_message: `The Image Factory gave the schematic of controlplane0 the id \${self.id}, and not ${ID}, as computed from the same text. Is https://factory.talos.dev an Image Factory of Talos 1.13.9?`,
        },
      ],
    });
  });

  test('every node has its own', () => {
    const names = Object.values(json.resource['proxmox_download_file'] ?? {}).map((file) => file['file_name']);
    expect(new Set(names).size).toBe(3);
  });
});

describe('T-8 disk images that nodes share', () => {
  const images = { ...examplePlan().images, mode: 'shared' as const };
  const onTwoHosts = examplePlan().nodes.map((node, index) => ({ ...node, host: index === 1 ? 'hyperion' : 'atlas' }));
  const { proxmox } = examplePlan();
  const hosts = { ...proxmox, hosts: ['atlas', 'hyperion'] };
  const files = (json: ReturnType<typeof synthesized>): unknown =>
    Object.entries(json.resource['proxmox_download_file'] ?? {}).map(([name, { node_name: host }]) => [name, host]);

  test('one for each host, made of one schematic', () => {
    const json = synthesized(examplePlan({ images, nodes: onTwoHosts, proxmox: hosts }));
    expect(files(json)).toEqual([
      ['images_atlas_file', 'atlas'],
      ['images_hyperion_file', 'hyperion'],
    ]);
    expect(Object.keys(json.resource['talos_image_factory_schematic'] ?? {})).toEqual(['images_schematic']);
    expect(blockAt(json, 'proxmox_download_file.images_atlas_file')['lifecycle']).toEqual({
      create_before_destroy: true,
    });
  });

  test('T-7 on a storage that hosts share it is downloaded once, and not again by another host', () => {
    const shared = { ...hosts, imageStorage: 'ceph', sharedStorages: ['ceph'] };
    const json = synthesized(examplePlan({ images, nodes: onTwoHosts, proxmox: shared }));
    expect(files(json)).toEqual([['images_amd64_file', 'atlas']]);
    expect(blockAt(json, 'proxmox_download_file.images_amd64_file')['lifecycle']).toEqual({
      create_before_destroy: true,
      ignore_changes: ['node_name'],
    });
  });

  test('a VM has its address from a cloud-init drive', () => {
    const json = synthesized(examplePlan({ images, nodes: onTwoHosts, proxmox: hosts }));
    const vm = blockAt(json, 'proxmox_virtual_environment_vm.controlplane1_vm');
    expect(vm['initialization']).toEqual({
      datastore_id: 'local-lvm',
      ip_config: [{ ipv4: { address: '10.0.1.2/16', gateway: '10.0.0.1' } }],
      dns: { servers: ['1.1.1.1', '8.8.8.8'] },
    });
    expect((vm['disk'] as { import_from?: string }[])[0]?.import_from).toBe(
      '${proxmox_download_file.images_hyperion_file.id}',
    );
  });
});

describe('O-8 a factory of one own', () => {
  test('whose certificate Proxmox does not verify, where the spec says so', () => {
    const images = { factory: 'https://factory.lan', insecure: true, mode: 'per-node' as const };
    const json = synthesized(examplePlan({ images }));
    expect(blockAt(json, 'proxmox_download_file.worker0_image_file')).toMatchObject({ verify: false });
  });
});
