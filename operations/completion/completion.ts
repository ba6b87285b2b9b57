import { createRequire } from 'node:module';
import { Argument, type Command } from 'commander';
import type { Define } from '../command';
import { examples } from '../command';
import { completionScript, SHELLS, type CompletionWords, type Shell } from './completion-script';

/** What may follow each command: its subcommands and its long options. */
export const wordsOf = (command: Command, path: readonly string[] = []): readonly CompletionWords[] => [
  {
    path,
    words: [
      ...command.commands.map((below) => below.name()),
      ...command.options.flatMap(({ long, hidden }) => (long == null || hidden ? [] : [long])),
      '--help',
    ],
  },
  ...command.commands.flatMap((below) => wordsOf(below, [...path, below.name()])),
];

/** The script is made of the tree of commands, so that it knows what there is and nothing else. */
export const completion: Define = (command, run) =>
  command
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        [
          'source <(npx groundwork completion bash)',
          'npx groundwork completion zsh > "${fpath[1]}/_groundwork"',
          'npx groundwork completion fish > ~/.config/fish/completions/groundwork.fish',
        ],
        'bad input',
      ),
    )
    .action((shell: Shell) =>
      run((surroundings) => {
        const { commandTree } = createRequire(__filename)('../cli') as typeof import('../cli');
        const tree = commandTree(
          surroundings,
          () => undefined,
          () => true,
        );
        surroundings.out(completionScript(shell, wordsOf(tree)));
        return Promise.resolve(0);
      }),
    );
