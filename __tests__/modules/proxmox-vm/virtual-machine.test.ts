import { Testing } from 'cdktf';
import { ExistingMachines } from '../../../modules/proxmox-vm/existing-machines';
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
    const existing = new ExistingMachines(stack, 'Machines');
    const props = { node, proxmox, existing, imageId: 'local:import/talos.qcow2', ...more };
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
      lifecycle: {
        ignore_changes: ['disk[0].import_from'],
        precondition: [
          {
            condition:
              '${alltrue([for vm in data.proxmox_virtual_environment_vms.Machines_E2FBD357.vms : try(contains(vm.tags, "groundwork-infrastructure"), false) if vm.vm_id == 1500])}',
            error_message:
              "VM 1500, which is to be controlplane0, is there already and has not the tag groundwork-infrastructure: it is not this cluster's, and is left alone. Give the node another VM id, or remove that VM. If it is controlplane0 and lost its tag, add the tag in Proxmox.",
          },
        ],
      },
    });
  });

  test('without a controller for each disk there is no I/O thread', () => {
    expect(machine({ proxmox: { ...proxmox, scsiController: 'virtio-scsi-pci' } }).vm).toMatchObject({
      scsi_hardware: 'virtio-scsi-pci',
      disk: [{ iothread: false }],
    });
  });

  test('disks, network cards, PCI devices, pool and start order are those of the spec', () => {
    const special = {
      ...node,
      disks: [{ name: 'data', slot: 3, sizeGiB: 100, storage: 'ceph', filesystem: 'xfs' as const }],
      networkCards: [
        { bridge: 'vmbr0', vlan: 42, mtu: 9000, firewall: true, mac: 'BC:24:11:00:00:01' },
        { bridge: 'vmbr1', firewall: false },
      ] as const,
      pciDevices: ['gpu'],
      startOrder: 2,
    };
    expect(machine({ node: special, proxmox: { ...proxmox, pool: 'talos' } }).vm).toMatchObject({
      pool_id: 'talos',
      startup: { order: 2 },
      boot_order: ['scsi0'],
      disk: [
        { interface: 'scsi0' },
        { interface: 'scsi3', datastore_id: 'ceph', size: 100, iothread: true, ssd: true, discard: 'on' },
      ],
      network_device: [
        { bridge: 'vmbr0', vlan_id: 42, mtu: 9000, firewall: true, mac_address: 'BC:24:11:00:00:01' },
        { bridge: 'vmbr1', vlan_id: null, mtu: null, firewall: false, mac_address: null },
      ],
      hostpci: [{ device: 'hostpci0', mapping: 'gpu', pcie: true, rombar: true }],
    });
  });

  test('O-7 protection is asked of Proxmox, and of Terraform, which says so before it touches anything', () => {
    expect(machine({ node: { ...node, protection: true } }).vm).toMatchObject({
      protection: true,
      lifecycle: { prevent_destroy: true, ignore_changes: ['disk[0].import_from'] },
    });
  });

  test.each([
    [
      'rules' as const,
      {
        proxmox_haresource: { resource_id: 'vm:1500', state: 'started', failback: false },
        proxmox_harule: {
          rule: 'groundwork-infrastructure-controlplane0',
          type: 'node-affinity',
          nodes: { atlas: 1 },
        },
      },
    ],
    [
      'groups' as const,
      {
        proxmox_haresource: { resource_id: 'vm:1500', state: 'started' },
        proxmox_hagroup: { group: 'groundwork-infrastructure-controlplane0', nodes: { atlas: 1 }, no_failback: true },
      },
    ],
  ])('high availability by %s', (highAvailability, expected) => {
    const text = Testing.synthScope((stack) => {
      const props = { node: { ...node, highAvailability: true }, proxmox: { ...proxmox, highAvailability } };
      const existing = new ExistingMachines(stack, 'Machines');
      new VirtualMachine(stack, 'Vm', { ...props, existing, imageId: 'local:import/talos.qcow2' });
    });
    const { resource } = JSON.parse(text) as { resource: Record<string, Record<string, unknown>> };
    const kinds = Object.keys(resource).filter((kind) => kind.startsWith('proxmox_ha'));
    expect(Object.fromEntries(kinds.map((kind) => [kind, Object.values(resource[kind] ?? {})[0]]))).toMatchObject(
      expected,
    );
    expect(kinds).toHaveLength(2);
  });

  test('T-7 on an arm64 host the machine is another, and the architecture is unsaid: only root may set it', () => {
    const { vm } = machine({ node: { ...node, architecture: 'arm64' } });
    expect(vm).toMatchObject({ machine: 'virt', cpu: { cores: 4, type: 'host' } });
    expect(vm).not.toHaveProperty('cpu.architecture');
  });

  test('a TPM is on the storage of disks, where one is asked for', () => {
    expect(machine({ tpm: true }).vm).toHaveProperty('tpm_state', { datastore_id: 'local-lvm', version: 'v2.0' });
    expect(machine().vm).not.toHaveProperty('tpm_state');
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
