import type { KubernetesClient } from '../../../operations/kubernetes/kubernetes-client';
import type { ProxmoxClient } from '../../../operations/proxmox/proxmox-client';
import { existingAvailability, existingObjects, type StackJson } from '../../../operations/recover/existing';
import { examplePlan } from '../../setup/example-plan';
import { synthesized } from '../../stacks/synthesized';

/** An API in which these paths are, and no others. */
const kubernetes = (...paths: readonly string[]): KubernetesClient =>
  ({ find: (path: string) => Promise.resolve(paths.includes(path) ? {} : undefined) }) as unknown as KubernetesClient;
const proxmox = (answers: Readonly<Record<string, unknown>>): ProxmoxClient =>
  ({ get: (path: string) => Promise.resolve(answers[path]) }) as unknown as ProxmoxClient;

describe('what is there and not in the state', () => {
  const { flux, nodes, proxmox: place } = examplePlan();
  const stack = synthesized(
    examplePlan({ flux: { ...flux, access: 'token', sops: true, sealedSecretsKey: true } }),
  ) as StackJson;
  const FOUND = [
    '/api/v1/namespaces/flux-system',
    '/api/v1/namespaces/sealed-secrets',
    '/api/v1/namespaces/flux-system/secrets/flux-system',
    '/api/v1/namespaces/sealed-secrets/secrets/sealed-secrets-key-of-terraform',
  ];

  test('namespaces and Secrets of the plan become imports, by the ids that the provider takes', async () => {
    expect(
      await existingObjects(stack, new Set(['kubernetes_namespace.flux_namespace']), kubernetes(...FOUND)),
    ).toEqual([
      {
        kind: 'import',
        address: 'kubernetes_namespace.flux_access_sealed',
        id: 'sealed-secrets',
        fact: 'namespace sealed-secrets is there',
      },
      {
        kind: 'import',
        address: 'kubernetes_secret.flux_access_git',
        id: 'flux-system/flux-system',
        fact: 'secret flux-system/flux-system is there',
      },
      {
        kind: 'import',
        address: 'kubernetes_secret.flux_access_sealingkey',
        id: 'sealed-secrets/sealed-secrets-key-of-terraform',
        fact: 'secret sealed-secrets/sealed-secrets-key-of-terraform is there',
      },
    ]);
    expect(await existingObjects(stack, new Set(), kubernetes())).toEqual([]);
  });

  const [first] = nodes;
  if (first === undefined) throw new Error('no node');
  const plan = examplePlan({ nodes: [{ ...first, highAvailability: true }, ...nodes.slice(1)] });
  const rule = 'groundwork-infrastructure-controlplane0';
  const there = proxmox({
    '/cluster/ha/resources': [{ sid: 'vm:1500' }, { sid: 'vm:1501' }],
    '/cluster/ha/rules': [{ rule }, { rule: 'somebody-elses' }],
    '/cluster/ha/groups': [{ group: rule }],
  });
  const imports = async (known: readonly string[], groups = false): Promise<readonly string[]> =>
    (
      await existingAvailability(
        groups ? { ...plan, proxmox: { ...place, highAvailability: 'groups' } } : plan,
        new Set(known),
        there,
      )
    ).map(({ address, id }) => `${address} ${id}`);

  test('so does what Proxmox was told of high availability, with rules and with groups', async () => {
    const vm = 'proxmox_virtual_environment_vm.controlplane0_vm';
    const resource = 'proxmox_haresource.controlplane0_vm_highavailability vm:1500';
    expect(await imports([vm])).toEqual([resource, `proxmox_harule.controlplane0_vm_highavailability_rule ${rule}`]);
    expect(await imports([vm], true)).toEqual([
      resource,
      `proxmox_hagroup.controlplane0_vm_highavailability_group ${rule}`,
    ]);
    expect(await imports([vm, 'proxmox_harule.controlplane0_vm_highavailability_rule'])).toEqual([resource]);
  });

  test('T-10 a VM that the state does not know may be somebody else’s, and so may what keeps it available', async () => {
    expect(await imports([])).toEqual([`proxmox_harule.controlplane0_vm_highavailability_rule ${rule}`]);
  });

  test('the addresses are those that a stack has', () => {
    const { resource } = synthesized(plan) as StackJson;
    expect(Object.keys(resource?.['proxmox_haresource'] ?? {})).toEqual(['controlplane0_vm_highavailability']);
    expect(Object.keys(resource?.['proxmox_harule'] ?? {})).toEqual(['controlplane0_vm_highavailability_rule']);
    expect(Object.keys(stack.resource?.['kubernetes_secret'] ?? {})).toContain('flux_access_sealingkey');
  });
});
