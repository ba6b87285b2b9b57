import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { RunResult } from './running-lab';

export interface CommandOptions {
  /** The whole environment: nothing is inherited. Default: this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string;
  /** The command and its process group are killed then, and its status is 137. */
  readonly timeoutMs?: number;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Aborted: as with a timeout, with status 130. */
  readonly signal?: AbortSignal;
  /** Both streams are appended to this file as they come. */
  readonly logFile?: string;
}

/** Starts a command and waits for it. Rejects only where it can't be started. */
export type CommandRunner = (command: string, args: readonly string[], options?: CommandOptions) => Promise<RunResult>;

/** Cuts a stream into lines; `end` gives out a last line without line end. */
export const lineSplitter = (onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  };
  return {
    write: (chunk) => {
      take(decoder.write(chunk));
    },
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
};

const statusOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  signal === null ? (code ?? 1) : 128 + constants.signals[signal];

/** Statuses of commands that were killed: as the shell has it for SIGKILL and for SIGINT. */
const EXPIRED = 137;
const ABORTED = 130;

export const runCommand: CommandRunner = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(command, args, {
      detached: true, // a process group of its own, so that a timeout takes the command's children too
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(options.environment === undefined ? {} : { env: options.environment }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a');
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const lines = (['stdout', 'stderr'] as const).map((stream) => {
      const splitter = lineSplitter((line) => options.onLine?.(line, stream));
      child[stream]?.on('data', (chunk: Buffer) => {
        output[stream].push(chunk);
        if (log !== undefined) writeSync(log, chunk);
        splitter.write(chunk);
      });
      return splitter;
    });
    let killedWith: number | undefined;
    const kill = (status: number): void => {
      killedWith ??= status;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            kill(EXPIRED);
          }, options.timeoutMs);
    const abort = (): void => {
      kill(ABORTED);
    };
    options.signal?.addEventListener('abort', abort);
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    };
    if (options.signal?.aborted === true) abort();
    child.on('error', (error) => {
      settle();
      if (log !== undefined) closeSync(log);
      reject(new Error(`${command} can't be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      settle();
      lines.forEach((splitter) => {
        splitter.end();
      });
      if (log !== undefined) closeSync(log);
      resolve({
        status: killedWith ?? statusOf(code, signal),
        stdout: Buffer.concat(output.stdout).toString('utf8'),
        stderr: Buffer.concat(output.stderr).toString('utf8'),
        seconds: Number(process.hrtime.bigint() - started) / 1e9,
      });
    });
    child.stdin?.on('error', () => undefined); // a command that does not read its input is no fault of ours
    child.stdin?.end(options.input);
  });

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended by itself meanwhile
  }
};

/** @throws Error with the command's own words where its exit status is not 0. */
export const mustRun = async (
  run: CommandRunner,
  command: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<RunResult> => {
  const result = await run(command, args, options);
  if (result.status !== 0) {
    const words = result.stderr.trim() || result.stdout.trim() || 'no output';
    throw new Error(`${command} ${args.join(' ')} failed with status ${result.status}: ${words}`);
  }
  return result;
};
