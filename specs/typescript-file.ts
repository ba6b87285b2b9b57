import { createRequire } from 'node:module';
import type { Place } from '../modules/model/issue';
import { fileIssue, type SpecFile } from './file-issue';

const load = createRequire(__filename);

/** Names under which a module shows itself as a whole. */
const ITSELF = ['default', 'module.exports'];

/**
 * Each named export is the spec of a cluster. The process must know how to load TypeScript.
 * @param file what messages call it
 */
export const readTypeScript = (path: string, file: string): SpecFile => {
  let exported: unknown;
  try {
    exported = load(path);
  } catch (error) {
    return { specs: [], issues: [brokenFile(error, path, file)] };
  }
  const named = Object.entries(exported as object).filter(([name]) => !ITSELF.includes(name));
  if (named.length === 0) {
    const fix = "write, for example, export const lab: ClusterSpec = { name: 'lab', … }; and export no default";
    return { specs: [], issues: [fileIssue('no-cluster', { file }, 'exports no cluster by a name', fix)] };
  }
  return {
    specs: named.map(([cluster, spec]: [string, unknown]) => ({ spec, placeOf: () => ({ file, cluster }) })),
    issues: [],
  };
};

const brokenFile = (error: unknown, path: string, file: string): ReturnType<typeof fileIssue> => {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  // esbuild's `<path>:3:5: ERROR: Expected "}"`, whose columns are from 0; else the first line of the stack that is in this file
  const [, line, column, syntax] = /:(\d+):(\d+): ERROR: (.*)/.exec(text) ?? [];
  const inStack = text
    .split('\n')
    .find((entry) => /^\s+at /.test(entry) && entry.includes(path))
    ?.match(/:(\d+):(\d+)\)?$/);
  const place: Place =
    line === undefined
      ? { file, ...(inStack && { line: Number(inStack[1]), column: Number(inStack[2]) }) }
      : { file, line: Number(line), column: Number(column) + 1 };
  const message = syntax ?? text.split('\n')[0] ?? '';
  const fix = 'mend the file; `npx tsc --noEmit -p .` says what else is wrong in it';
  return fileIssue('broken-file', place, `can't be loaded: ${message.replaceAll(path, file)}`, fix);
};
