/** Insertions, deletions and replacements that turn one text into the other. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, expected] of Array.from(other).entries()) {
      const replaced = (row[column] ?? 0) + (letter === expected ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** The candidate that was probably meant, or undefined where none is near: at most every third letter differs, case does not count. */
export const closest = (text: string, candidates: readonly string[]): string | undefined => {
  const ranked = candidates
    .map((candidate) => ({ candidate, steps: distance(text.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((one, other) => one.steps - other.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= Math.ceil(text.length / 3) ? best.candidate : undefined;
};
