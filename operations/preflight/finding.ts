import { reportOf, type Finding as FindingOf } from '../finding';

/** Every check, in the order of the report. */
export const CHECKS = [
  'api',
  'version',
  'hosts',
  'image-factory',
  'image-storage',
  'disk-storage',
  'bridge',
  'vm-ids',
  'privileges',
  'memory',
  'clock',
] as const;
export type Check = (typeof CHECKS)[number];

export type Finding = FindingOf<Check>;

export const pass = (check: Check, fact: string): Finding => ({ check, outcome: 'PASS', fact });
export const fail = (check: Check, fact: string, fix: string): Finding => ({ check, outcome: 'FAIL', fact, fix });
export const skip = (check: Check, fact: string, fix?: string): Finding => ({
  check,
  outcome: 'SKIP',
  fact,
  ...(fix === undefined ? {} : { fix }),
});

/** Lines as a person reads them, each fix below its finding. */
export const report = (findings: readonly Finding[], colours: boolean): string => reportOf(findings, CHECKS, colours);
