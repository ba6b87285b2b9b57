import { Command, CommanderError } from 'commander';
import { checkLab, showLacks, startLab } from './commands/start-lab';
import { showDifferences } from './commands/show-differences';
import { execInNode, openShell, showStatus, stopLab } from './commands/running-labs';

interface StartFlags {
  readonly stack: string;
  readonly profile: string;
  readonly work?: string;
  readonly synthesized?: string;
}

interface RehearseFlags extends StartFlags {
  readonly keep?: boolean;
  readonly destroy: boolean;
  readonly json?: boolean;
  readonly scenario: readonly string[];
}

/** Options of every command that builds a lab. */
const building = (command: Command): Command =>
  command
    .option('--stack <name>', 'stack of the Terraform JSON', 'infrastructure')
    .option('--profile <name>', 'how long things take that only take time on hardware: instant or typical', 'instant')
    .option('--work <folder>', 'folder for logs (default: a new one under .lab)')
    .option('--synthesized <file>', 'rehearse this cdk.tf.json instead of a synth of the checkout');

/** The end of a command's help. */
const examples = (lines: readonly string[], finding: string): string =>
  [
    '\nExamples:',
    ...lines.map((line) => `  $ ${line}`),
    `\nExit status: 0 good, 1 ${finding}, 2 wrong command line, 130 stopped by Ctrl-C.`,
  ].join('\n');

/** The commands of the lab; `end` is told the exit status of the one that ran. */
export const program = (end: (status: number) => void): Command => {
  const done = async (status: Promise<number>): Promise<void> => end(await status);
  const root = new Command('groundwork lab')
    .description('A data centre in namespaces, where `cdktf deploy` runs for real')
    .addHelpText(
      'after',
      '\nExit status: 0 good, 1 a finding or bad input, 2 wrong command line, 130 stopped by Ctrl-C.',
    )
    .exitOverride();
  building(root.command('rehearse').description('deploys the stack, checks what was reached, and destroys it again'))
    .option('--keep', 'leave the lab and the cluster running')
    .option('--no-destroy', 'do not rehearse `cdktf destroy`')
    .option('--json', 'the result as JSON on standard output')
    .option('--scenario <name...>', 'also try what it names on the cluster: vip-failover', [])
    .addHelpText(
      'after',
      examples(
        ['npx groundwork lab rehearse', 'npx groundwork lab rehearse --keep', 'npx groundwork lab rehearse --json'],
        'a check that failed, or bad input',
      ),
    )
    .action((flags: RehearseFlags) =>
      done(
        startLab({
          ...flags,
          kind: 'rehearse',
          scenarios: flags.scenario,
          keep: flags.keep === true,
          json: flags.json === true,
          destroy: flags.destroy && flags.keep !== true,
        }),
      ),
    );
  building(root.command('start').description('only the data centre, with nothing deployed; stays until `stop`'))
    .option('--foreground', 'stays until Ctrl-C instead')
    .addHelpText('after', examples(['npx groundwork lab start --profile typical'], 'the lab does not come up'))
    .action((flags: StartFlags & { readonly foreground?: boolean }) =>
      done(startLab({ ...flags, kind: 'idle', keep: flags.foreground !== true, json: false, destroy: false })),
    );
  root
    .command('check')
    .description('whether this computer can run the lab: programs and namespaces; builds nothing')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx groundwork lab check'], 'something is lacking'))
    .action((flags: { readonly json?: boolean }) => end(flags.json === true ? showLacks() : checkLab()));
  root
    .command('differences')
    .description('in what a rehearsal is not production: providers, what is simulated, what is smaller')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx groundwork lab differences'], 'there is no toolchain yet'))
    .action((flags: { readonly json?: boolean }) => end(showDifferences(flags.json === true)));
  const running = (command: Command): Command =>
    command.option('--work <folder>', 'of the lab (default: the newest that runs)');
  running(
    root
      .command('shell')
      .argument('[command...]', 'run this, and no shell')
      .description('a shell inside a running lab')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx groundwork lab shell\n  $ npx groundwork lab shell -- kubectl get nodes\n\nExit status: that of the shell or command, 1 no lab runs, 2 wrong command line.',
      ),
  ).action((command: string[], flags: { readonly work?: string }) => done(openShell(flags.work, command)));
  running(
    root
      .command('exec')
      .argument('<node>', 'name, VM name or VM id')
      .argument('<command...>')
      .description('a command inside a virtual machine')
      .addHelpText(
        'after',
        '\nExamples:\n  $ npx groundwork lab exec controlplane0 -- ps ax\n\nExit status: that of the command, 1 no lab runs, 2 wrong command line.',
      ),
  ).action((node: string, command: string[], flags: { readonly work?: string }) =>
    done(execInNode(flags.work, node, command)),
  );
  running(root.command('status').description('labs that run, and where the logs of others are'))
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx groundwork lab status', 'npx groundwork lab status --json'], 'bad input'))
    .action((flags: { readonly work?: string; readonly json?: boolean }) =>
      done(showStatus(flags.work, flags.json === true)),
    );
  running(root.command('stop').description('stops a running lab; nothing of it stays but its logs'))
    .addHelpText('after', examples(['npx groundwork lab stop'], 'no lab runs'))
    .action((flags: { readonly work?: string }) => done(stopLab(flags.work)));
  for (const command of root.commands) command.exitOverride();
  return root;
};

const main = async (args: readonly string[]): Promise<number> => {
  let status = 0;
  try {
    await program((value) => (status = value)).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Help that was asked for is no fault; what commander refuses, it has said itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return 1;
  }
};

if (require.main === module) {
  void main(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
}
