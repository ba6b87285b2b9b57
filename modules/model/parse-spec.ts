import type { Issue } from './issue';
import { schemaIssues } from './spec-issues';
import { clusterSchema, type ParsedClusterSpec } from './spec-schema';

export interface ParsedSpec {
  /** Missing where a value is wrong. There in spite of unknown fields, so that the rules can find what else is wrong. */
  readonly spec?: ParsedClusterSpec;
  /** All of them at once; no warnings. */
  readonly issues: readonly Issue[];
}

/** Reads what a person wrote, whatever it is. Nothing is thrown: findings are issues. */
export const parseClusterSpec = (input: unknown): ParsedSpec => {
  const result = clusterSchema.safeParse(input, { reportInput: true });
  if (result.success) return { spec: result.data, issues: [] };
  const found = result.error.issues;
  const issues = schemaIssues(found);
  if (found.some((issue) => issue.code !== 'unrecognized_keys')) return { issues };
  const known = found.reduce<unknown>(
    (spec, issue) => (issue.code === 'unrecognized_keys' ? without(spec, issue.path, issue.keys) : spec),
    input,
  );
  return { spec: clusterSchema.parse(known), issues };
};

/** A copy in which the object at `path` lacks `keys`. */
const without = (value: unknown, [step, ...rest]: readonly PropertyKey[], keys: readonly string[]): unknown => {
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? without(item, rest, keys) : item) as unknown);
  const fields = Object.entries(value as object);
  return Object.fromEntries(
    step === undefined
      ? fields.filter(([key]) => !keys.includes(key))
      : fields.map(([key, field]) => [key, key === step ? without(field, rest, keys) : field]),
  );
};
