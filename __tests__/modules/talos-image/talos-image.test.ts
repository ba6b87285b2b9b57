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
