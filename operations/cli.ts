import { Command, CommanderError } from 'commander';
import { runLab } from './lab';
import { placementCommand } from './placement/command';
import { runPlatform } from './platform';

/**
 * The command line of an operator.
 * @returns exit status: 0 good, 1 a finding or bad input, 2 a wrong command line
 */
export const main = async (parameters: readonly string[]): Promise<number> => {
  let status = 0;
  const program = new Command('groundwork')
    .description('What an operator runs on a cluster made with `cdktf deploy`')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(groundwork --help lists the commands)');
  program
    .command('lab')
    .description('the rehearsal lab: rehearse, shell, … (groundwork lab --help)')
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (passed: string[]) => {
      status = await runLab(passed);
    });
  program
    .command('platform')
    .description('what Flux applies: render, diff, graph, images, … (groundwork platform --help)')
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (passed: string[]) => {
      status = await runPlatform(passed);
    });
  program.addCommand(
    placementCommand((found) => {
      status = found;
    }),
  );
  try {
    await program.parseAsync(parameters, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
};
