import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Argument, type Command } from 'commander';
import type { Define } from '../command';
import { examples } from '../command';
import { CHECKOUT, type Environment } from '../deployment/find-cluster';
import { runNode } from '../deployment/run-node';
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

/** Commands that hand over to a command line of another room, and where that is. */
const ROOMS: Readonly<Record<string, string>> = { lab: 'lab/cli.ts', platform: 'platform/cli.ts' };

const wordsOfRooms = async (environment: Environment): Promise<readonly CompletionWords[]> => {
  const loader = pathToFileURL(require.resolve('tsx')).href;
  const rooms = Object.entries(ROOMS).map(([name, file]) => `${name}=${join(CHECKOUT, file)}`);
  const json = await runNode(['--import', loader, join(__dirname, 'words-of-programs.ts'), ...rooms], environment);
  return JSON.parse(json) as readonly CompletionWords[];
};

/** The script is made of the tree of commands, so that it knows what there is and nothing else. */
export const completion: Define = (command, run) =>
  command
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        [
          'npx groundwork completion bash > ~/.local/share/bash-completion/completions/groundwork',
          'npx groundwork completion zsh > "${fpath[1]}/_groundwork"',
          'npx groundwork completion fish > ~/.config/fish/completions/groundwork.fish',
        ],
        'bad input',
      ),
    )
    .action((shell: Shell) =>
      run(async (surroundings) => {
        const { commandTree } = createRequire(__filename)('../cli') as typeof import('../cli');
        const tree = commandTree(
          surroundings,
          () => undefined,
          () => true,
        );
        const own = wordsOf(tree).filter(({ path: [name = ''] }) => !(name in ROOMS));
        surroundings.out(completionScript(shell, [...own, ...(await wordsOfRooms(surroundings.environment))]));
        return 0;
      }),
    );
