import type { Outcome } from '../finding';

/** What a check says of the cluster. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly fact: string;
  readonly fix?: string;
}

/** What a check says of one thing among several, such as a node; `unseen` names the check that knows why. */
export type Part =
  | { readonly good: string }
  | { readonly bad: string; readonly fix: string }
  | { readonly unseen: string; readonly fix?: string };

export const pass = (fact: string): Verdict => ({ outcome: 'PASS', fact });
export const fail = (fact: string, fix: string): Verdict => ({ outcome: 'FAIL', fact, fix });
export const skip = (fact: string, fix?: string): Verdict => ({
  outcome: 'SKIP',
  fact,
  ...(fix === undefined ? {} : { fix }),
});

const unique = (texts: readonly string[]): string => [...new Set(texts)].join('; ');

/**
 * FAIL where one is bad; else SKIP where one could not be seen; else PASS.
 * @param fact of a PASS; gets the number of good ones
 */
export const together = (parts: readonly Part[], fact: (good: readonly string[]) => string): Verdict => {
  const good = parts.flatMap((part) => ('good' in part ? [part.good] : []));
  const bad = parts.flatMap((part) => ('bad' in part ? [part] : []));
  const unseen = parts.flatMap((part) => ('unseen' in part ? [part] : []));
  if (bad.length > 0)
    return fail(
      unique([...bad.map((part) => part.bad), ...unseen.map((part) => part.unseen)]),
      unique(bad.map((part) => part.fix)),
    );
  if (unseen.length > 0) {
    const others = good.length === 0 ? '' : `${good.length} of ${parts.length} are good; `;
    const fixes = unseen.flatMap((part) => (part.fix === undefined ? [] : [part.fix]));
    return skip(
      `${others}${unique(unseen.map((part) => part.unseen))}`,
      fixes.length === 0 ? undefined : unique(fixes),
    );
  }
  return pass(fact(good));
};
