import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test, or a group of them, that says in its title which requirements it holds. */
export interface Proof {
  readonly ids: readonly string[];
  readonly title: string;
  /** Relative to the repository. */
  readonly file: string;
}

const ROOT = join(__dirname, '..', '..');

/** `describe` or `test`, with or without a table, whose title begins with ids. */
const TITLE = /\b(?:describe|test)(?:\.each\([^]*?\))?\(\s*(['"`])((?:[TO]-\d+[a-d]?,? )+)(.*?)\1/g;

/** Every proof below `__tests__`, in the order of their files. */
export const proofs = (): Proof[] =>
  readdirSync(join(ROOT, '__tests__'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('__tests__', name))
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)].map(([, , ids = '', title = '']) => ({
        ids: ids.replaceAll(',', '').trim().split(' '),
        title: title.replaceAll('\\', ''),
        file,
      })),
    );

/** Rows of docs/REQUIREMENTS.md: each requirement with the tests that hold it. */
export const proofTable = (requirements: Readonly<Record<string, string>>, found: readonly Proof[]): string =>
  [
    '| id | what is promised | tests |',
    '| --- | --- | --- |',
    ...Object.entries(requirements).map(([id, text]) => {
      const files = new Map<string, string[]>();
      for (const { ids, title, file } of found)
        if (ids.includes(id)) files.set(file, [...(files.get(file) ?? []), title]);
      const cell = [...files].map(
        ([file, titles]) => `[${file.slice('__tests__/'.length)}](../${file}): ${titles.join('; ')}`,
      );
      return `| ${id} | ${text} | ${cell.length === 0 ? 'none' : cell.join('<br>').replaceAll('|', '\\|')} |`;
    }),
  ].join('\n');
