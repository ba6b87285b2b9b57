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

/** A check that could not look has failed, with the reason as its fact. */
export const look = async (check: string, fix: string, find: () => Promise<Finding>): Promise<CheckResult> => {
  try {
    const { good, fact, seen } = await find();
    return {
      check,
      status: good ? 'PASS' : 'FAIL',
      fact,
      ...(good ? {} : { fix }),
      ...(seen === undefined ? {} : { seen }),
    };
  } catch (error) {
    return { check, status: 'FAIL', fact: error instanceof Error ? error.message : String(error), fix };
  }
};

export interface Finding {
  readonly good: boolean;
  readonly fact: string;
  readonly seen?: unknown;
}
