import { constants } from 'node:os';
import { join } from 'node:path';
import { interruptCommands, runCommand } from './command';
import { handOver } from './hand-over';
import { resolveToolchain, type ResolvedToolchain } from './manifest';
import { thisHost } from './preconditions.cjs';
import { setUp } from './set-up';
import { SetUpError, StepError } from './set-up-error';
import { runTests, type TestSelection } from './test-run';

const USAGE = 'usage: node toolchain/bootstrap.cjs setup|start|test|test:unit|test:e2e|test:long [-- arguments]';

const CLI = join(__dirname, '..', 'bin', 'groundwork.cjs');

/** Lines of a failed step's own log that are shown. */
const LOG_LINES = 15;

/**
 * Runs one command of package.json's scripts.
 * @returns exit status: that of the command, 1 where the set-up can't be done, 2 for a wrong command line
 */
export const main = async (command: string | undefined, parameters: readonly string[]): Promise<number> => {
  const passed = parameters[0] === '--' ? parameters.slice(1) : parameters;
  try {
    switch (command) {
      case 'setup':
        await completeToolchain();
        return 0;
      case 'start':
        if (!(await canRunLab())) return 1;
        return await handOver([CLI, 'lab', 'rehearse', ...passed], environment(await completeToolchain()));
      case 'test':
      case 'test:e2e':
      case 'test:long':
        if (!(await canRunLab())) return 1;
        return await runTests(selection(command), passed, environment(await completeToolchain()), handOver);
      case 'test:unit':
        return await runTests('unit', passed, environment(toolchainIfThere()), handOver);
      default:
        process.stderr.write(`${command === undefined ? '' : `there is no command "${command}"; `}${USAGE}\n`);
        return 2;
    }
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    report(error);
    return 1;
  }
};

const selection = (command: string): TestSelection =>
  command === 'test' ? 'all' : command === 'test:e2e' ? 'e2e' : 'long';

/** Asked before the long set-up, which would be for nothing where the lab can't run; the lab says what is lacking. */
const canRunLab = async (): Promise<boolean> => (await handOver([CLI, 'lab', 'check'], process.env)) === 0;

/** Sets up; Ctrl-C ends what is being built and leaves what was built. */
const completeToolchain = async (): Promise<ResolvedToolchain> => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (signal: (typeof signals)[number]): void => {
    interruptCommands();
    process.stderr.write('\ninterrupted: what is finished stays, and the next run goes on from there\n');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    return await setUp({ env: process.env, screen: process.stderr, run: runCommand, host: thisHost() });
  } finally {
    interruptCommands();
    for (const signal of signals) process.removeListener(signal, stop);
  }
};

/** Unit tests need no toolchain; those that can look closer with one do so. */
const toolchainIfThere = (): ResolvedToolchain | undefined => {
  try {
    return resolveToolchain();
  } catch (error) {
    if (error instanceof SetUpError) return undefined;
    throw error;
  }
};

const environment = (toolchain: ResolvedToolchain | undefined): NodeJS.ProcessEnv =>
  toolchain === undefined ? process.env : { ...process.env, GROUNDWORK_TOOLCHAIN: toolchain.path };

const report = (error: SetUpError): void => {
  process.stderr.write(`${error.message}\n`);
  if (!(error instanceof StepError)) return;
  const lines = error.output.trimEnd().split('\n').slice(-LOG_LINES);
  process.stderr.write(`${lines.map((line) => `  | ${line}`).join('\n')}\nthe whole log: ${error.log}\n`);
};
