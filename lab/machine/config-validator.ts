import { spawn } from 'node:child_process';

/** What Talos' own loader and validation say of a machine config. */
export interface Verdict {
  /** Empty where a node would accept it; else Talos' own words. */
  readonly error: string;
  /** Where it failed. */
  readonly stage?: 'parse' | 'validate';
  readonly warnings: readonly string[];
}

export type ValidateConfig = (yaml: string) => Promise<Verdict>;

/** Asks the `talos-config` command of the toolchain. Rejects where the command can't be run. */
export const validateWith =
  (command: string): ValidateConfig =>
  (yaml) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, { stdio: ['pipe', 'pipe', 'pipe'] });
      let output = '';
      let faults = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
      child.on('error', reject);
      child.on('close', (status) =>
        status === 0
          ? resolve(JSON.parse(output) as Verdict)
          : reject(new Error(`${command} ended with status ${status ?? -1}: ${faults.trim()}`)),
      );
      child.stdin.on('error', () => undefined).end(yaml);
    });
