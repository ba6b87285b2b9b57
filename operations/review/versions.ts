const parts = (version: string): readonly number[] => version.replace(/^v/, '').split(/[.+-]/).slice(0, 3).map(Number);

/** 1: `one` is newer; -1: `other` is; 0: the same, but for a suffix. */
export const compareVersions = (one: string, other: string): 1 | 0 | -1 => {
  const [left, right] = [parts(one), parts(other)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) > (right[at] ?? 0) ? 1 : -1;
};

/** True where the way up leaves out a minor version, as 1.33 to 1.35. */
export const isMinorSkip = (from: string, to: string): boolean => (parts(to)[1] ?? 0) - (parts(from)[1] ?? 0) > 1;
