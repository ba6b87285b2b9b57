import { Command, CommanderError } from 'commander';
import type { CommandEntry, ExitStatus, Surroundings } from './command';
import { COMMANDS } from './commands';
import { InputError } from './deployment/find-cluster';
import { SpecError } from '../modules/model/spec-error';

const thisProcess = (): Surroundings => ({
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  colours: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
});

/** Every command below a command, itself included: commander hands these settings down only to what is made later. */
const everyCommand = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyCommand)];

/** The tree of commands; the files of those for which `isWanted` are loaded. */
export const commandTree = (
  surroundings: Surroundings,
  end: (status: ExitStatus) => void,
  isWanted: (entry: CommandEntry) => boolean,
): Command => {
  const program = new Command('groundwork')
    .description('What an operator runs on a cluster made with `cdktf deploy`')
    .enablePositionalOptions()
    .addHelpText('after', '\nExit status: 0 good, 1 a finding or bad input, 2 wrong command line.');
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).description(entry.summary);
    if (!isWanted(entry)) continue;
    entry.load()(command, async (action) => end(await action(surroundings)));
  }
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.err })
      .showSuggestionAfterError()
      .showHelpAfterError(`(${command === program ? 'groundwork' : `groundwork ${command.name()}`} --help)`);
  }
  return program;
};

/**
 * The command line of an operator.
 * @returns exit status: 0 good, 1 a finding or bad input, 2 a wrong command line
 */
export const main = async (
  parameters: readonly string[],
  surroundings: Surroundings = thisProcess(),
): Promise<ExitStatus> => {
  let status: ExitStatus = 0;
  const called = parameters.find((parameter) => !parameter.startsWith('-'));
  const program = commandTree(
    surroundings,
    (ended) => (status = ended),
    ({ name }) => name === called || (called === 'help' && parameters.includes(name)),
  );
  try {
    await program.parseAsync(parameters, { from: 'user' });
    return status;
  } catch (error) {
    // Help that was asked for is no fault; what commander refuses, it has said itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof InputError || error instanceof SpecError)) throw error;
    surroundings.err(`error: ${error.message}\n`);
    return 1;
  }
};
