import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRunner } from './command';
import { PLACES } from './places';

/** The user's input can't be synthesized: what the program has printed is all there is to say. */
export class SynthError extends Error {}

/**
 * Runs the app of the checkout and reads one stack's Terraform JSON.
 * @throws SynthError with the app's own words, or the names of the stacks that there are
 */
export const synthesize = async (
  run: CommandRunner,
  options: {
    readonly checkout: string;
    readonly stack: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<{ readonly json: unknown; readonly seconds: number }> => {
  const { checkout, stack, environment } = options;
  const result = await run(process.execPath, ['-r', 'tsx/cjs', 'main.ts'], {
    cwd: checkout,
    environment: { ...environment, CDKTF_OUTDIR: PLACES.synth },
  });
  if (result.status !== 0)
    throw new SynthError(result.stderr.trim() || result.stdout.trim() || `main.ts ended with status ${result.status}`);
  if (result.stderr.trim() !== '') process.stderr.write(result.stderr); // warnings of the spec
  const stacks = readdirSync(join(PLACES.synth, 'stacks'));
  if (!stacks.includes(stack)) throw new SynthError(`stack "${stack}" does not exist: there is ${stacks.join(', ')}`);
  const json: unknown = JSON.parse(readFileSync(join(PLACES.synth, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  return { json, seconds: result.seconds };
};
