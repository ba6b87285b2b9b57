import type { Command } from 'commander';
import type { Environment } from './deployment/find-cluster';

/** What a command has of the world; tests give their own. */
export interface Surroundings {
  readonly environment: Environment;
  /** Data. */
  readonly out: (text: string) => void;
  /** Status, warnings, errors. */
  readonly err: (text: string) => void;
  /** True where `out` is a terminal, and NO_COLOR is not set. */
  readonly colours: boolean;
}

/** 0 good; 1 a finding, or bad input; 2 a wrong command line, which commander alone says. */
export type ExitStatus = number;

/** Adds arguments, options and help to a command of its own file, and gives what it does. */
export type Define = (
  command: Command,
  run: (action: (surroundings: Surroundings) => Promise<ExitStatus>) => Promise<void>,
) => void;

/** A command as `--help` lists it; its file is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Define;
}

/** Examples at the end of `--help`, and what the exit statuses mean. */
export const examples = (lines: readonly string[], finding: string): string =>
  [
    '',
    'Examples:',
    ...lines.map((line) => `  $ ${line}`),
    '',
    `Exit status: 0 good, 1 ${finding}, 2 wrong command line.`,
  ].join('\n');
