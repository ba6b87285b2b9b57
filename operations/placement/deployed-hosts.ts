import { z } from 'zod';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { PlacementRecord } from '../../modules/model/placement';
import { SpecError } from '../../modules/model/spec-error';

const state = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      type: z.string(),
      instances: z.array(z.object({ attributes: z.record(z.string(), z.unknown()).nullish() })),
    }),
  ),
});

/**
 * Where the nodes of a plan are by a Terraform state: for a cluster that was deployed before there was a record.
 * @throws SpecError where the text is no state
 */
export const deployedHosts = (plan: ClusterPlan, text: string): PlacementRecord => {
  const { resources } = parse(text);
  const vms = resources
    .filter(({ type }) => type === 'proxmox_virtual_environment_vm')
    .flatMap(({ instances }) => instances.map(({ attributes }) => attributes ?? {}));
  return Object.fromEntries(
    plan.nodes.flatMap(({ name, vmName }) => {
      const host = vms.find((vm) => vm['name'] === vmName)?.['node_name'];
      return typeof host === 'string' ? [[name, host] as const] : [];
    }),
  );
};

const parse = (text: string): z.output<typeof state> => {
  try {
    return state.parse(JSON.parse(text));
  } catch {
    throw new SpecError('this is no Terraform state of version 4; `terraform state pull` prints one');
  }
};
