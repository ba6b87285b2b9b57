import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { program } from '../../../platform/cli';

/**
 * Run as a process of its own, as the platform is ESM: reads a JSON list of command lines, each a list of words, and prints
 * what its parser says to each: an empty text where it takes it. Nothing is done.
 */
const everyCommand = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyCommand)];

for (const command of everyCommand(program)) {
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
}

const fault = async (words: readonly string[]): Promise<string> => {
  try {
    await program.parseAsync(words, { from: 'user' });
    return '';
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? '' : error.message;
    throw error;
  }
};

const lines = JSON.parse(process.argv[2] ?? '[]') as readonly (readonly string[])[];
const faults: string[] = [];
for (const words of lines) faults.push(await fault(words));
process.stdout.write(JSON.stringify(Object.fromEntries(faults.map((said, index) => [index, said]))));
