import { runProgram } from './run-program';

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
  async (yaml) => {
    const { status, output, faults } = await runProgram(command, [], yaml);
    if (status !== 0) throw new Error(`${command} ended with status ${status}: ${faults}`);
    return JSON.parse(output) as Verdict;
  };
