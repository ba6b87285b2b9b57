import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment of the command. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Everything that the command prints also goes to this file, which is started anew. */
  readonly log?: string;
  /** Called with the number of milliseconds so far and all that was printed; true ends the command. */
  readonly endWhen?: (elapsed: number, output: string) => boolean;
}

export interface CommandResult {
  /** Exit status; null where a signal ended it, 127 where there is no such command. */
  readonly status: number | null;
  /** What it printed on either stream, as it came. */
  readonly output: string;
}

export type RunCommand = (
  command: string,
  parameters: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

const running = new Set<ChildProcess>();

/** Asks every command that still runs to end, as Ctrl-C does: Go then removes its work folder. */
export const interruptCommands = (): void => {
  for (const child of running) child.kill('SIGINT');
};

/** Runs a command without a shell and without input. Never rejects: a command that is not there has status 127. */
export const runCommand: RunCommand = (command, parameters, options = {}) =>
  new Promise((resolve) => {
    const log = options.log === undefined ? undefined : createWriteStream(options.log);
    log?.write(`$ ${[command, ...parameters].join(' ')}\n`);
    let output = '';
    const take = (chunk: string): void => {
      output += chunk;
      log?.write(chunk);
    };
    const child = spawn(command, parameters, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const started = Date.now();
    const watch = setInterval(() => {
      if (options.endWhen?.(Date.now() - started, output) === true) child.kill('SIGKILL');
    }, 100);
    const end = (status: number | null): void => {
      clearInterval(watch);
      running.delete(child);
      if (log === undefined) resolve({ status, output });
      else log.end(() => resolve({ status, output }));
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => {
      take(`${error.message}\n`);
      end(127);
    });
    child.once('close', (status) => end(status));
  });
