import { isDeepStrictEqual } from 'node:util';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Terraform has an empty list or text where a provider knows none. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/**
 * Paths at which two values differ, as `disk.0.size`, without the values: those may be secrets. Lists are compared place
 * by place.
 */
export const changedPaths = (before: unknown, after: unknown, path = ''): readonly string[] => {
  if (isDeepStrictEqual(before, after) || (isNothing(before) && isNothing(after))) return [];
  const lists = Array.isArray(before) && Array.isArray(after);
  if (!lists && !(isRecord(before) && isRecord(after))) return [path];
  const [old, young] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(young)])];
  return keys.flatMap((key) => changedPaths(old[key], young[key], path === '' ? key : `${path}.${key}`));
};

/** The value at a path as `changedPaths` gives it. */
export const valueAt = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[key], value);
