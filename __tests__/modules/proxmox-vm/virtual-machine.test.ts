import { Testing } from 'cdktf';
import { VirtualMachine, type VirtualMachineProps } from '../../../modules/proxmox-vm/virtual-machine';
import { examplePlan } from '../../setup/example-plan';

const { nodes, proxmox } = examplePlan();
const [node] = nodes;
if (node === undefined) throw new Error('the example plan has no nodes');

interface Machine {
  readonly vm: unknown;
  /** Of the VM in Terraform. */
  readonly name: string;
  readonly identity: string;
  readonly identities: unknown;
}

/** The one VM that Terraform is told of, and the address of its identity. */
const machine = (more: Partial<VirtualMachineProps> = {}): Machine => {
  let identity = '';
  const text = Testing.synthScope((stack) => {
    const props = { node, proxmox, imageId: 'local:import/talos.qcow2', ...more };
    ({ identity } = new VirtualMachine(stack, 'Vm', props));
  });
  const { resource } = JSON.parse(text) as {
    resource: { proxmox_virtual_environment_vm: Record<string, unknown>; terraform_data: unknown };
  };
  const [entry = ['', undefined]] = Object.entries(resource.proxmox_virtual_environment_vm);
  return { name: entry[0], vm: entry[1], identity, identities: resource.terraform_data };
};

describe('T-9 virtual machine', () => {
  test('the whole of it', () => {
    expect(machine().vm).toEqual({
      name: 'talos-controlplane0',
      description: 'Talos controlplane controlplane0, made by Terraform',
      node_name: 'atlas',
      vm_id: 1500,
      tags: ['controlplane', 'groundwork-infrastructure'],
      machine: 'q35',
      bios: 'ovmf',
      efi_disk: { datastore_id: 'local-lvm', type: '4m', pre_enrolled_keys: false },
      operating_system: { type: 'l26' },
      cpu: { cores: 4, type: 'host' },
      memory: { dedicated: 4096 },
      scsi_hardware: 'virtio-scsi-single',
      boot_order: ['scsi0'],
      disk: [
        {
          interface: 'scsi0',
          datastore_id: 'local-lvm',
          import_from: 'local:import/talos.qcow2',
          size: 40,
          iothread: true,
          ssd: true,
          discard: 'on',
        },
      ],
      // All eleven fields, or `terraform validate` refuses the list: null is "not set".
      network_device: [
        {
          bridge: 'vmbr0',
          model: 'virtio',
          firewall: false,
          disconnected: false,
          enabled: null,
          mac_address: null,
          mtu: null,
          queues: null,
          rate_limit: null,
          trunks: null,
          vlan_id: null,
        },
      ],
      agent: { enabled: true, wait_for_ip: { disabled: true } },
      on_boot: true,
      stop_on_destroy: true,
      reboot_after_update: false,
      migrate: true,
      lifecycle: { ignore_changes: ['disk[0].import_from'] },
    });
  });

  test('without a controller for each disk there is no I/O thread', () => {
    expect(machine({ scsiHardware: 'virtio-scsi-pci' }).vm).toMatchObject({
      scsi_hardware: 'virtio-scsi-pci',
      disk: [{ iothread: false }],
    });
  });

  test('its identity is replaced with it: its id is unknown until it is made', () => {
    const { identity, name, identities } = machine();
    expect(identities).toEqual({
      [identity.replace('terraform_data.', '')]: {
        triggers_replace: { vm: `\${proxmox_virtual_environment_vm.${name}.id}` },
      },
    });
  });
});
