import { examplePlan, exampleTailscale } from '../setup/example-plan';
import { blockAt, blocksByAddress, directDependencies, synthesized, synthesizedText } from './synthesized';

const SECRETS = 'talos_machine_secrets.identity_secrets';
const MACHINES = 'data.proxmox_virtual_environment_vms.machines';
const KUBECONFIG = 'talos_cluster_kubeconfig.bootstrap_kubeconfig';
const API = 'null_resource.api_wait';
const READY = 'null_resource.ready_wait';

const schematic = (node: string): string => `talos_image_factory_schematic.${node}_image_schematic`;
const file = (node: string): string => `proxmox_download_file.${node}_image_file`;
const vm = (node: string): string => `proxmox_virtual_environment_vm.${node}_vm`;
const machine = (node: string): string => `terraform_data.${node}_vm_identity`;
const config = (node: string): string => `data.talos_machine_configuration.${node}_config`;
const applied = (node: string): string => `talos_machine_configuration_apply.${node}_applied`;

describe('T-13 infrastructure stack', () => {
  // These are addresses in somebody's state: a change needs a `moved` mapping and an ADR.
  test('addresses are a contract', () => {
    expect([...blocksByAddress(synthesized(examplePlan())).keys()].sort()).toEqual([
      'data.proxmox_virtual_environment_vms.machines',
      'data.talos_client_configuration.identity_talosconfig',
      'data.talos_machine_configuration.controlplane0_config',
      'data.talos_machine_configuration.controlplane1_config',
      'data.talos_machine_configuration.worker0_config',
      'helm_release.cilium',
      'helm_release.flux_controllers',
      'helm_release.flux_sync',
      'kubernetes_namespace.flux_namespace',
      'null_resource.api_wait',
      'null_resource.ready_wait',
      'proxmox_download_file.controlplane0_image_file',
      'proxmox_download_file.controlplane1_image_file',
      'proxmox_download_file.worker0_image_file',
      'proxmox_virtual_environment_vm.controlplane0_vm',
      'proxmox_virtual_environment_vm.controlplane1_vm',
      'proxmox_virtual_environment_vm.worker0_vm',
      'talos_cluster_kubeconfig.bootstrap_kubeconfig',
      'talos_image_factory_schematic.controlplane0_image_schematic',
      'talos_image_factory_schematic.controlplane1_image_schematic',
      'talos_image_factory_schematic.worker0_image_schematic',
      'talos_machine_bootstrap.bootstrap_etcd',
      'talos_machine_configuration_apply.controlplane0_applied',
      'talos_machine_configuration_apply.controlplane1_applied',
      'talos_machine_configuration_apply.worker0_applied',
      'talos_machine_secrets.identity_secrets',
      'terraform_data.controlplane0_vm_identity',
      'terraform_data.controlplane1_vm_identity',
      'terraform_data.worker0_vm_identity',
    ]);
  });

  test('a node may be called by a digit first', () => {
    const [first] = examplePlan().nodes;
    if (first === undefined) throw new Error('no node');
    const json = synthesized(examplePlan({ nodes: [{ ...first, name: '0cp' }] }));
    expect(Object.keys(json.resource['proxmox_virtual_environment_vm'] ?? {})).toEqual(['_0cp_vm']);
  });

  // What is not in this table runs side by side: no node waits for another, only the first control plane is needed for
  // the bootstrap, and only Flux needs all nodes.
  test('nothing waits that need not', () => {
    const ofNode = (node: string): Record<string, string[]> => ({
      [schematic(node)]: [],
      [file(node)]: [schematic(node)],
      [vm(node)]: [MACHINES, file(node)],
      [machine(node)]: [vm(node)],
      [config(node)]: [SECRETS],
      [applied(node)]: [config(node), vm(node), SECRETS, machine(node)],
    });
    expect(directDependencies(synthesized(examplePlan()))).toEqual({
      [MACHINES]: [],
      [SECRETS]: [],
      'data.talos_client_configuration.identity_talosconfig': [SECRETS],
      ...ofNode('controlplane0'),
      ...ofNode('controlplane1'),
      ...ofNode('worker0'),
      'talos_machine_bootstrap.bootstrap_etcd': [applied('controlplane0'), SECRETS],
      [KUBECONFIG]: ['talos_machine_bootstrap.bootstrap_etcd', SECRETS],
      // For the way back: Helm deletes through an API that needs etcd's quorum (T-14).
      [API]: [vm('controlplane0'), vm('controlplane1'), KUBECONFIG],
      'helm_release.cilium': [API, KUBECONFIG],
      [READY]: [
        'helm_release.cilium',
        KUBECONFIG,
        applied('controlplane0'),
        applied('controlplane1'),
        applied('worker0'),
      ],
      'kubernetes_namespace.flux_namespace': [API, KUBECONFIG],
      'helm_release.flux_controllers': ['kubernetes_namespace.flux_namespace', READY, KUBECONFIG],
      'helm_release.flux_sync': ['helm_release.flux_controllers', 'kubernetes_namespace.flux_namespace', KUBECONFIG],
    });
  });

  // A state that is no file is saved now and then only: keys that it lost would lock everybody out of the nodes.
  test('O-5 no node is given a key before a state elsewhere has it', () => {
    const json = synthesized(examplePlan({ state: { kind: 'postgres' } }));
    const dependencies = directDependencies(json);
    expect(dependencies['terraform_data.identity_saved']).toEqual([SECRETS]);
    expect(blockAt(json, 'terraform_data.identity_saved')).toMatchObject({
      triggers_replace: { made: '${talos_machine_secrets.identity_secrets.id}' },
      provisioner: [{ 'local-exec': { command: 'node -e "setTimeout(() => {}, 20000)"' } }],
    });
    const waiting = Object.entries(dependencies).filter(([, on]) => on.includes('terraform_data.identity_saved'));
    expect(waiting.map(([address]) => address).sort()).toEqual(
      ['controlplane0', 'controlplane1', 'worker0'].map(applied),
    );
  });

  test('two synths are byte-equal', () => {
    expect(synthesizedText(examplePlan())).toBe(synthesizedText(examplePlan()));
  });

  test('a rebuilt VM gets its config again, and a changed config is followed by a look at the nodes', () => {
    const json = synthesized(examplePlan());
    expect(blockAt(json, applied('worker0'))['lifecycle']).toEqual({
      replace_triggered_by: ['terraform_data.worker0_vm_identity'],
    });
    expect(blockAt(json, READY)['lifecycle']).toEqual({
      replace_triggered_by: [applied('controlplane0'), applied('controlplane1'), applied('worker0')],
    });
  });

  test('nothing calls the bootstrap a second time', () => {
    expect(blockAt(synthesized(examplePlan()), 'talos_machine_bootstrap.bootstrap_etcd')['lifecycle']).toEqual({
      ignore_changes: 'all',
    });
  });

  test('patches are on the data source, none on the applied config', () => {
    const json = synthesized(examplePlan());
    expect(blockAt(json, config('worker0'))['config_patches']).toHaveLength(1);
    expect(blockAt(json, applied('worker0'))).not.toHaveProperty('config_patches');
  });

  test('no credential stands in the JSON', () => {
    const text = synthesizedText(examplePlan({ tailscale: exampleTailscale }));
    expect(text).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE|api_token|password|tskey/);
    expect(synthesized(examplePlan({ tailscale: exampleTailscale })).variable).toMatchObject({
      tailscale_auth_key: { sensitive: true, type: 'string' },
    });
    expect(synthesized(examplePlan()).variable).toBeUndefined();
  });

  test('gates get credentials by the environment, never by the command line', () => {
    const gate = blockAt(synthesized(examplePlan()), READY)['provisioner'];
    const client = `${KUBECONFIG}.kubernetes_client_configuration`;
    expect(gate).toEqual([
      {
        'local-exec': {
          command: expect.stringMatching(
            /^node "\$\{path\.module\}\/assets\/ready_script\/[0-9A-F]{32}\/wait-for\.cjs" nodes$/,
          ) as string,
          environment: {
            GATE_SERVER: `\${${client}.host}`,
            GATE_CA: `\${${client}.ca_certificate}`,
            GATE_CERTIFICATE: `\${${client}.client_certificate}`,
            GATE_KEY: `\${nonsensitive(sensitive(${client}.client_key))}`,
            GATE_SECONDS: '600',
            GATE_NODES: 'controlplane0 controlplane1 worker0',
          },
        },
      },
    ]);
  });

  test('T-14 outputs', () => {
    expect(synthesized(examplePlan()).output).toEqual({
      controllers: { value: { controlplane0: '10.0.1.1', controlplane1: '10.0.1.2' } },
      workers: { value: { worker0: '10.0.2.1' } },
      all_nodes: { value: { controlplane0: '10.0.1.1', controlplane1: '10.0.1.2', worker0: '10.0.2.1' } },
      talosconfig: {
        sensitive: true,
        value: '${data.talos_client_configuration.identity_talosconfig.talos_config}',
      },
      kubeconfig: { sensitive: true, value: `\${${KUBECONFIG}.kubeconfig_raw}` },
      cluster_config: {
        value: {
          name: 'infrastructure',
          endpoint: 'https://10.0.3.1:6443',
          vip: '10.0.3.1',
          network: '10.0.0.0/16',
          pod_cidr: '10.244.0.0/16',
          service_cidr: '10.96.0.0/12',
          load_balancer_pools: {
            ingress: '10.0.3.2-10.0.3.2',
            dns: '10.0.3.3-10.0.3.3',
            services: '10.0.3.4-10.0.3.20',
          },
          versions: { talos: '1.13.9', kubernetes: '1.35.0', cilium: '1.19.6' },
          providers: { helm: '3.1.1', kubernetes: '2.38.0', null: '3.2.4', proxmox: '0.111.1', talos: '0.11.0' },
        },
      },
    });
  });

  test('provider versions are exact: those of production, or what is given in their place', () => {
    const versions = (others?: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(synthesized(examplePlan(), others).terraform.required_providers).map(([name, { version }]) => [
          name,
          version,
        ]),
      );
    expect(versions()).toEqual({
      proxmox: '0.111.1',
      talos: '0.11.0',
      helm: '3.1.1',
      kubernetes: '2.38.0',
      null: '3.2.4',
    });
    expect(versions('helm=1.3.2,null=1.0.0')).toMatchObject({ helm: '1.3.2', null: '1.0.0', talos: '0.11.0' });
  });
});
