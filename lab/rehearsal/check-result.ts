import { setTimeout as sleep } from 'node:timers/promises';

/** What one check found. */
export interface CheckResult {
  /** Stable id, the same in the table, in JSON and in docs/OPERATIONS. Example: `etcd-quorum`. */
  readonly check: string;
  readonly status: 'PASS' | 'FAIL' | 'SKIP';
  /** What was seen, never what was hoped. Example: `2 of 3 members answer`. */
  readonly fact: string;
  /** The next command to run. Always there on FAIL. */
  readonly fix?: string;
  /** The same fact for a program; its form belongs to the check. */
  readonly seen?: unknown;
}

/** No result at all is a failure: nothing was looked at. */
export const exitStatus = (results: readonly CheckResult[]): 0 | 1 =>
  results.length > 0 && results.every(({ status }) => status !== 'FAIL') ? 0 : 1;

const PAUSE_MS = 1_000;

/**
 * Looks, and looks again for as long as it is not good and `patienceMs` is not over: on a busy computer a lease changes
 * hands between two requests. A check that could not look has failed, with the reason as its fact.
 */
export const look = async (
  check: string,
  fix: string,
  find: () => Promise<Finding>,
  patienceMs = 0,
): Promise<CheckResult> => {
  const end = performance.now() + patienceMs;
  for (;;) {
    const { good, fact, seen } = await find().catch((error: unknown): Finding => ({
      good: false,
      fact: error instanceof Error ? error.message : String(error),
    }));
    const result = { check, fact, ...(seen === undefined ? {} : { seen }) };
    if (good) return { ...result, status: 'PASS' };
    if (performance.now() >= end) return { ...result, status: 'FAIL', fix };
    await sleep(PAUSE_MS);
  }
};

export interface Finding {
  readonly good: boolean;
  readonly fact: string;
  readonly seen?: unknown;
}
