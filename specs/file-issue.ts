import type { Issue, Place } from '../modules/model/issue';

/** Codes of what can be wrong with a file, before anything in it is a spec. Each has an example in __tests__/fixtures/invalid-files. */
export const FILE_CODES = ['broken-file', 'duplicate-key', 'no-cluster', 'yaml-syntax'] as const;
export type FileCode = (typeof FILE_CODES)[number];

/** An error at a place in a file. */
export const fileIssue = (code: FileCode, place: Place, message: string, fix: string): Issue => ({
  code,
  severity: 'error',
  path: 'the file',
  message,
  fix,
  place,
});

/** A spec as it stands in a file. */
export interface FoundSpec {
  /** What a person wrote, of any shape. */
  readonly spec: unknown;
  /** Where the field of an issue stands: of a path as `nodePools.worker.count`, and a code of an issue. */
  readonly placeOf: (path: string, code: string) => Place;
}

/** All that a file holds, and what kept the rest from being read. */
export interface SpecFile {
  readonly specs: readonly FoundSpec[];
  readonly issues: readonly Issue[];
}
