import { spawn } from 'node:child_process';

/** How a program ended, and what it printed. */
export interface ProgramEnd {
  /** -1 where a signal ended it. */
  readonly status: number;
  readonly output: string;
  /** What it said on standard error, without white space at its ends. */
  readonly faults: string;
}

/** Runs a program to its end with `input` on its standard input. Rejects only where it can't be started. */
export const runProgram = (command: string, args: readonly string[], input: string): Promise<ProgramEnd> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let faults = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? -1, output, faults: faults.trim() }));
    child.stdin.on('error', () => undefined).end(input);
  });
