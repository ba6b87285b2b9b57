import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Tree } from './render';

/** What lies in a folder, as `render` would give it; nothing where there is no folder. */
export const readTree = (folder: string): Tree => {
  if (!existsSync(folder)) return new Map();
  const files = (readdirSync(folder, { recursive: true }) as string[])
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
  return new Map(
    files
      .map((path): [string, string] => [relative(folder, path), readFileSync(path, 'utf8')])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
};

/** Makes the folder hold the tree and nothing else. */
export const writeTree = (folder: string, tree: Tree): void => {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of tree) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
};

/** Lines that go (`-`) and come (`+`), file by file, with those that stay left out. Empty where the trees are equal. */
export const diffTrees = (before: Tree, after: Tree): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [old, next] = [before.get(path), after.get(path)];
    if (old === next) return [];
    if (next === undefined) return [`removed ${path}`];
    if (old === undefined) return [`added   ${path}`];
    return [`changed ${path}`, ...diffLines(old.split('\n'), next.split('\n'))];
  });

/** By the longest common subsequence of lines: files here are short. */
const diffLines = (old: readonly string[], next: readonly string[]): string[] => {
  const common: number[][] = Array.from({ length: old.length + 1 }, () => new Array<number>(next.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = next.length - 1; column >= 0; column--) {
      const line = common[row];
      if (line === undefined) continue;
      line[column] =
        old[row] === next[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < next.length) {
    if (row < old.length && column < next.length && old[row] === next[column]) {
      row++;
      column++;
    } else if (column >= next.length || (row < old.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`  - ${old[row++] ?? ''}`);
    } else {
      lines.push(`  + ${next[column++] ?? ''}`);
    }
  }
  return lines;
};
