import { z } from 'zod';
import { InputError } from '../deployment/find-cluster';

const values = z.record(z.string(), z.unknown());
const change = z.object({
  actions: z.array(z.enum(['no-op', 'create', 'read', 'update', 'delete', 'forget'])),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
});
const resource = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  change: change.extend({ before: values.nullish(), after: values.nullish() }),
});
const plan = z.object({
  format_version: z.string().regex(/^1\./),
  resource_changes: z.array(resource).default([]),
  resource_drift: z.array(resource).default([]),
  output_changes: z.record(z.string(), change).default({}),
});

/** One resource in `terraform show -json` of a plan. */
export type ResourceChange = z.infer<typeof resource>;

/** What is read of `terraform show -json` of a saved plan (JSON output format 1, as of Terraform 1.x and OpenTofu). */
export type TerraformPlan = z.infer<typeof plan>;

/** @throws InputError where it is not the JSON of a plan: a state's, for one, or that of another format */
export const readPlan = (json: unknown): TerraformPlan => {
  const { data, error } = plan.safeParse(json);
  const isPlan = typeof json === 'object' && json !== null && 'planned_values' in json;
  if (data !== undefined && isPlan) return data;
  const [first] = error?.issues ?? [];
  const fact = first === undefined ? 'it has no planned values' : `${first.path.join('.')}: ${first.message}`;
  throw new InputError(`this is not a plan as \`terraform show -json <plan>\` writes it: ${fact}`);
};

/** What becomes of a resource, in one word. */
export type Fate = 'none' | 'create' | 'update' | 'replace' | 'destroy' | 'forget';

export const fateOf = ({ change: { actions } }: ResourceChange): Fate => {
  if (actions.includes('delete')) return actions.includes('create') ? 'replace' : 'destroy';
  if (actions.includes('create')) return actions.includes('forget') ? 'replace' : 'create';
  if (actions.includes('update')) return 'update';
  return actions.includes('forget') ? 'forget' : 'none';
};
