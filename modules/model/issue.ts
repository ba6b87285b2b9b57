/** Something in a spec that is wrong (`error`: nothing is deployed), or that its author should know (`warning`). */
export interface Issue {
  /** Stable name of what was found, one of `ISSUE_CODES`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Where in the spec, as `nodePools.worker.count`. */
  readonly path: string;
  /** Fact, value, and what is allowed. Lower case, no full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const countOf = (issues: readonly Issue[], severity: Issue['severity']): number =>
  issues.filter((issue) => issue.severity === severity).length;

/** By code unit, so that the order is the same in every locale. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Errors first, then by path: the order in which a person wants to read them, and the same at each run. */
export const sortIssues = (issues: readonly Issue[]): Issue[] =>
  issues.toSorted(
    (one, other) =>
      compare(one.severity, other.severity) || compare(one.path, other.path) || compare(one.message, other.message),
  );

/** One block for each issue, and a line that counts them: what a person sees in a terminal. No final line break. */
export const formatIssues = (issues: readonly Issue[]): string =>
  [
    ...sortIssues(issues).map(
      ({ code, severity, path, message, fix }) => `${severity} ${code} at ${path}\n  ${message}\n  fix: ${fix}\n`,
    ),
    `${plural(countOf(issues, 'error'), 'error')}, ${plural(countOf(issues, 'warning'), 'warning')}`,
  ].join('\n');
