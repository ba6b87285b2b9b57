import { join, resolve } from 'node:path';
import { durationsOf } from '../durations/durations';
import { checkScenarios } from '../rehearsal/scenarios';
import { resolveToolchain } from '../../toolchain/manifest';
import { enterWorld } from '../world/enter';
import { checkPreconditions, thisComputer } from '../world/preconditions';
import { cleanRuns, markOf, runName, takeRunFolder } from '../world/run-folder';
import { readToolchainManifest } from '../world/toolchain-manifest';

export interface StartOptions {
  readonly kind: 'rehearse' | 'idle';
  readonly stack: string;
  readonly profile: string;
  readonly work?: string;
  readonly synthesized?: string;
  readonly keep: boolean;
  readonly destroy: boolean;
  readonly json: boolean;
  /** Default: none. */
  readonly scenarios?: readonly string[];
}

/** The repository's root: this file is two folders below it. */
export const CHECKOUT = resolve(__dirname, '..', '..');
export const RUNS = join(CHECKOUT, '.lab');

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Says everything that this computer lacks for the lab, each with its fix. @returns exit status, 0 where nothing is lacking */
export const checkLab = (): number => {
  const lacks = checkPreconditions(thisComputer());
  for (const { fact, fix } of lacks) tell(`error: ${fact}\n  fix: ${fix}`);
  return lacks.length === 0 ? 0 : 1;
};

/** The same as JSON, on standard output. */
export const showLacks = (): number => {
  const lacks = checkPreconditions(thisComputer());
  process.stdout.write(`${JSON.stringify({ format: 1, lacks }, null, 2)}\n`);
  return lacks.length === 0 ? 0 : 1;
};

/** Builds a lab and does in it what was asked for. Resolves to the exit status. @throws Error in words for the user */
export const startLab = async (options: StartOptions): Promise<number> => {
  if (checkLab() !== 0) return 1;
  durationsOf(options.profile);
  const scenarios = options.scenarios ?? [];
  checkScenarios(scenarios);
  const { GROUNDWORK_TOOLCHAIN: given = '' } = process.env;
  const toolchain = given === '' ? resolveToolchain().path : given;
  readToolchainManifest(toolchain);
  cleanRuns(RUNS);
  const run = runName(options.stack, new Date(), process.pid);
  const folder = takeRunFolder(options.work ?? join(RUNS, run));
  const starter = markOf(process.pid);
  if (starter === undefined) throw new Error('/proc is not mounted: the lab needs it to know its processes');
  folder.write({
    format: 1,
    stack: options.stack,
    startedAt: new Date().toISOString(),
    checkout: CHECKOUT,
    state: 'starting',
    starter,
    userNamespace: process.getuid?.() !== 0,
  });
  const status = await enterWorld({
    folder,
    output: process.stdout,
    errors: process.stderr,
    task: {
      kind: options.kind,
      run,
      checkout: CHECKOUT,
      logFolder: folder.logs,
      stack: options.stack,
      ...(options.synthesized === undefined ? {} : { synthesized: resolve(options.synthesized) }),
      toolchain: resolve(toolchain),
      profile: options.profile,
      scenarios,
      destroy: options.destroy,
      keep: options.keep,
      json: options.json,
      interactive: process.stderr.isTTY,
    },
  });
  if (folder.read()?.state === 'kept') {
    tell('the lab stays up:');
    tell('  npx groundwork lab shell    enters it, with KUBECONFIG and TALOSCONFIG set');
    tell('  npx groundwork lab stop     ends it; nothing stays but the logs');
  }
  return status;
};
