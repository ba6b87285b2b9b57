import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualEnvironmentVm } from '@cdktf/provider-proxmox/lib/virtual-environment-vm';
import { MachineSecrets } from '@cdktf/provider-talos/lib/machine-secrets';
import { renderSchema, trimSchema, type WholeSchema } from '../../toolchain/bindings/trim-schema.cjs';

const providers = join(__dirname, '..', '..', 'providers');

const WHOLE: WholeSchema = {
  format_version: '1.0',
  provider_schemas: {
    'registry.opentofu.org/siderolabs/talos': {
      provider: { version: 0 },
      resource_schemas: { talos_machine_secrets: { version: 1, block: { b: 1, a: 2 } }, talos_machine_bootstrap: {} },
      data_source_schemas: { talos_machine_disks: {}, talos_cluster_health: {} },
      functions: {},
    },
  },
};

describe('trimmed schema', () => {
  test('holds what is named and nothing else, with its keys in order, under the host of Terraform', () => {
    const bindings = { source: 'siderolabs/talos', resources: ['talos_machine_secrets'], dataSources: [] };
    expect(renderSchema(trimSchema(WHOLE, bindings, '0.7.1'))).toBe(`{
 "format_version": "1.0",
 "provider_schemas": {
  "registry.terraform.io/siderolabs/talos": {
   "data_source_schemas": {},
   "provider": {
    "version": 0
   },
   "resource_schemas": {
    "talos_machine_secrets": {
     "block": {
      "a": 2,
      "b": 1
     },
     "version": 1
    }
   }
  }
 },
 "provider_versions": {
  "registry.terraform.io/siderolabs/talos": "0.7.1"
 }
}
`);
  });

  test('what the provider does not have is refused by name', () => {
    const bindings = { source: 'siderolabs/talos', resources: ['talos_a', 'talos_b'], dataSources: 'all' as const };
    expect(() => trimSchema(WHOLE, bindings, '0.7.1')).toThrow(
      'the provider has no resource talos_a, talos_b: correct "bindings" in package.json',
    );
  });

  test('another provider is refused by name', () => {
    const bindings = { source: 'bpg/proxmox', resources: 'all' as const, dataSources: 'all' as const };
    expect(() => trimSchema(WHOLE, bindings, '0.111.1')).toThrow(
      'no schema of bpg/proxmox: there is registry.opentofu.org/siderolabs/talos',
    );
  });
});

describe('generated bindings', () => {
  test.each([
    [
      'proxmox',
      [
        'data-proxmox-datastores',
        'data-proxmox-version',
        'data-proxmox-virtual-environment-nodes',
        'download-file',
        'hagroup',
        'haresource',
        'harule',
        'provider',
        'virtual-environment-file',
        'virtual-environment-pool',
        'virtual-environment-vm',
      ],
    ],
    [
      'talos',
      [
        'cluster-kubeconfig',
        'data-talos-client-configuration',
        'data-talos-cluster-health',
        'data-talos-cluster-kubeconfig',
        'data-talos-image-factory-extensions-versions',
        'data-talos-image-factory-overlays-versions',
        'data-talos-image-factory-urls',
        'data-talos-image-factory-versions',
        'data-talos-machine-configuration',
        'data-talos-machine-disks',
        'image-factory-schematic',
        'machine-bootstrap',
        'machine-configuration-apply',
        'machine-secrets',
        'provider',
      ],
    ],
  ])('%s has one folder for each class', (name, folders) => {
    const entries = readdirSync(join(providers, name, 'lib'), { withFileTypes: true });
    expect(
      entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort(),
    ).toEqual(folders);
  });

  test('classes know the resource they stand for', () => {
    expect(VirtualEnvironmentVm.tfResourceType).toBe('proxmox_virtual_environment_vm');
    expect(MachineSecrets.tfResourceType).toBe('talos_machine_secrets');
  });

  test.each(['proxmox', 'talos'])('the committed schema of %s is in the form that trim-schema writes', (name) => {
    const text = readFileSync(join(providers, name, 'schema.json'), 'utf8');
    const { bindings, version } = JSON.parse(readFileSync(join(providers, name, 'package.json'), 'utf8')) as {
      bindings: Parameters<typeof trimSchema>[1];
      version: string;
    };
    expect(renderSchema(trimSchema(JSON.parse(text) as WholeSchema, bindings, version))).toBe(text);
  });
});
