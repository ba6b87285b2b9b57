import type { Command } from 'commander';
import { pathToFileURL } from 'node:url';
import { wordsOf } from './completion';

/** A room's own command line: its tree, or what makes it. */
interface Program {
  readonly program: Command | ((end: () => void) => Command);
}

/**
 * A process of its own, since one of the rooms is ESM, and the product loads neither: `words-of-programs.ts <name>=<file> …`
 * prints what may follow each of their commands, as JSON.
 */
const wordsAt = async (argument: string) => {
  const [name = '', file = ''] = argument.split('=');
  const loaded = (await import(pathToFileURL(file).href)) as Program | { readonly default: Program };
  const { program } = 'program' in loaded ? loaded : loaded.default;
  return wordsOf(typeof program === 'function' ? program(() => undefined) : program, [name]);
};

void Promise.all(process.argv.slice(2).map(wordsAt)).then((trees) => {
  process.stdout.write(JSON.stringify(trees.flat()));
});
