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
  /** Where that is in a file; added by who read the file. */
  readonly place?: Place;
}

/** A place in the file of a spec. */
export interface Place {
  /** As a person would open it: relative to where they are, or absolute. */
  readonly file: string;
  /** From 1; missing where the file is no YAML, whose lines are not known. */
  readonly line?: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column?: number;
  /** Which of the clusters in the file, where a TypeScript file exports them. */
  readonly cluster?: string;
}

/** `clusters/lab.yaml:12:5`, which terminals and editors open; `clusters/lab.ts, lab` where no line is known. */
export const formatPlace = ({ file, line, column, cluster }: Place): string =>
  [file, line, column].filter((part) => part !== undefined).join(':') + (cluster === undefined ? '' : `, ${cluster}`);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const countOf = (issues: readonly Issue[], severity: Issue['severity']): number =>
  issues.filter((issue) => issue.severity === severity).length;

/** By code unit, so that the order is the same in every locale. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const number = (value = 0): string => String(value).padStart(9, '0');

/** Errors first, then by file and line, then by path: the order in which a person wants to read them, and the same at each run. */
export const sortIssues = (issues: readonly Issue[]): Issue[] =>
  issues.toSorted(
    (one, other) =>
      compare(one.severity, other.severity) ||
      compare(one.place?.file ?? '', other.place?.file ?? '') ||
      compare(number(one.place?.line), number(other.place?.line)) ||
      compare(one.path, other.path) ||
      compare(one.message, other.message),
  );

/** One block for each issue, and a line that counts them: what a person sees in a terminal. No final line break. */
export const formatIssues = (issues: readonly Issue[]): string =>
  [
    ...sortIssues(issues).map(
      ({ code, severity, path, message, fix, place }) =>
        `${severity} ${code} at ${path}${place === undefined ? '' : ` (${formatPlace(place)})`}\n  ${message}\n  fix: ${fix}\n`,
    ),
    `${plural(countOf(issues, 'error'), 'error')}, ${plural(countOf(issues, 'warning'), 'warning')}`,
  ].join('\n');
