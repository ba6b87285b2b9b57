/** Arguments of a process by flag name, without dashes; a flag may stand several times. */
export type Arguments = Readonly<Record<string, readonly string[]>>;

/** What `extraArgs` may do with a flag that Talos sets; not listed: replace it. */
export type MergePolicy = 'additive' | 'denied';

/**
 * Merges `extraArgs` of the machine config into Talos' own arguments (Talos pkg/argsbuilder).
 * @throws Error `extra arg "x" is not allowed`
 */
export const mergeArguments = (
  base: Arguments,
  extra: Arguments,
  policies: Readonly<Record<string, MergePolicy>>,
): Arguments => {
  const merged: Record<string, readonly string[]> = { ...base };
  for (const [key, values] of Object.entries(extra)) {
    switch (policies[key]) {
      case 'denied':
        throw new Error(`extra arg "${key}" is not allowed`);
      case 'additive':
        merged[key] = [[...new Set([...(base[key] ?? []), ...values].flatMap((value) => value.split(',')))].join(',')];
        break;
      case undefined:
        merged[key] = values;
    }
  }
  return merged;
};

/** One value per flag, as most have. */
export const single = (args: Readonly<Record<string, string>>): Arguments =>
  Object.fromEntries(Object.entries(args).map(([key, value]) => [key, [value]]));

/** `--key=value`, sorted by key. */
export const renderArguments = (args: Arguments): string[] =>
  Object.entries(args)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, values]) => values.map((value) => `--${key}=${value}`));

/** Each of `keys` with the policy. */
export const policy = (value: MergePolicy, keys: readonly string[]): Record<string, MergePolicy> =>
  Object.fromEntries(keys.map((key) => [key, value]));
