import { DeployPhases } from '../../../lab/rehearsal/phases';

const RESOURCES = [
  'talos_machine_secrets.identity_secrets',
  'talos_image_factory_schematic.worker0_image_schematic',
  'proxmox_download_file.worker0_image_file',
  'proxmox_virtual_environment_vm.controlplane0_vm',
  'proxmox_virtual_environment_vm.worker0_vm',
  'terraform_data.worker0_vm_identity',
  'null_resource.api_wait',
  'null_resource.ready_wait',
  'helm_release.cilium',
  'helm_release.flux_sync',
  'kubernetes_namespace.flux_namespace',
];

describe('T-13 phases of a deploy, as cdktf prints it', () => {
  let time = 0;
  const phases = new DeployPhases(
    () => RESOURCES,
    () => time,
  );
  const at = (seconds: number, line: string): ReturnType<typeof phases.read> => {
    time = seconds;
    return phases.read(line);
  };

  test('a phase begins with its first resource and ends with its last', () => {
    expect(
      at(1, 'infrastructure  talos_machine_secrets.identity_secrets (Identity/Secrets): Creating...'),
    ).toBeUndefined();
    expect(
      at(2, 'infrastructure  proxmox_virtual_environment_vm.worker0_vm (worker0/Vm/Resource): Creating...'),
    ).toEqual({ index: 1, change: 'began' });
    expect(at(3, '                proxmox_virtual_environment_vm.controlplane0_vm: Creating...')).toBeUndefined();
    expect(
      at(
        4,
        'infrastructure  proxmox_virtual_environment_vm.worker0_vm (worker0/Vm/Resource): Still creating... [10s elapsed]',
      ),
    ).toBeUndefined();
    expect(
      at(
        5,
        'infrastructure  proxmox_virtual_environment_vm.worker0_vm (worker0/Vm/Resource): Creation complete after 3s [id=2000]',
      ),
    ).toBeUndefined();
    expect(
      at(6, '                proxmox_virtual_environment_vm.controlplane0_vm: Creation complete after 3s [id=1500]'),
    ).toEqual({ index: 1, change: 'ended' });
    expect(phases.states()[1]).toEqual({ name: 'VMs', planned: 2, done: 2, startedAt: 2, endedAt: 6 });
  });

  test('resources are counted by kind, the gates by their name', () => {
    expect(phases.states().map(({ name, planned }) => `${name} ${planned}`)).toEqual([
      'images 2',
      'VMs 2',
      'configs 0',
      'bootstrap 0',
      'API 1',
      'Cilium 1',
      'nodes 1',
      'Flux 2',
    ]);
  });

  test('what a provisioner prints is no event', () => {
    expect(
      at(7, 'infrastructure  null_resource.api_wait (Api/Wait) (local-exec): api at https://10.0.3.1:6443: ready'),
    ).toBeUndefined();
    expect(at(8, 'infrastructure  Error: null_resource.api_wait failed')).toBeUndefined();
    expect(phases.states()[4]).toMatchObject({ startedAt: undefined, done: 0 });
  });
});
