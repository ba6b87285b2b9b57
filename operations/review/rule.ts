import type { ClusterChange } from './cluster-change';

/** From harmless to what can't be taken back. */
export const RISKS = ['none', 'low', 'high', 'destructive'] as const;
export type Risk = (typeof RISKS)[number];

/** What one rule says about a plan. */
export interface Finding {
  /** The fact, with names; no value that may be a secret. Lower case, no full stop. */
  readonly message: string;
  /** What to do, where there is something to do. */
  readonly advice?: string;
  /** Resources that it explains. */
  readonly addresses: readonly string[];
  /** Where this case is another risk than the rule's own. */
  readonly risk?: Risk;
}

/** One row of the table in docs/REVIEW.md. */
export interface Rule {
  /** Stable name: in JSON, and for `grep`. */
  readonly code: string;
  readonly risk: Risk;
  /** When it speaks, and why that is a risk. A sentence of the table. */
  readonly meaning: string;
  readonly find: (change: ClusterChange) => readonly Finding[];
}

/** The higher of two risks. */
export const worse = (one: Risk, other: Risk): Risk => (RISKS.indexOf(one) >= RISKS.indexOf(other) ? one : other);

/** `worker0`, `worker0 and worker1`, `worker0, worker1 and worker2`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

/** Nothing, or the one finding about them all. */
export const about = <T>(found: readonly T[], finding: (found: readonly T[]) => Finding): readonly Finding[] =>
  found.length === 0 ? [] : [finding(found)];
