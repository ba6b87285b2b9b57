import { chmodSync, existsSync, renameSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import type { Artifact, ArtifactCache } from './cache';
import type { RunCommand } from './command';
import type { GoModule } from './go-module';
import { findCommand, type GoOnPath } from './preconditions.cjs';
import { StepError } from './set-up-error';

/** Go as it was found. */
export interface Go {
  /** The program, after what it is run by. */
  readonly command: readonly string[];
  /** As `1.26.8`. */
  readonly version: string;
}

/** Ties each build to us, so that it ends even where we are killed. BusyBox' setpriv knows no --pdeathsig: there it runs on. */
export const tieGo = async ({ path, version }: GoOnPath, run: RunCommand, env: NodeJS.ProcessEnv): Promise<Go> => {
  const setpriv = findCommand('setpriv', env);
  if (setpriv === undefined) return { command: [path], version };
  const tether = ['--pdeathsig', 'INT', '--'];
  const { status } = await run(setpriv, [...tether, 'true'], { env });
  return { command: status === 0 ? [setpriv, ...tether, path] : [path], version };
};

/** The environment of every Go command: the user's own (proxies, GOPROXY, GOCACHE), with what decides the result fixed. */
const goEnvironment = (module: GoModule, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  ...module.environment,
});

/** Compilers and linkers at a time: one a core, and 2 GiB of memory for each, which is what linking kube-apiserver takes. */
const atATime = (): number => Math.max(1, Math.min(availableParallelism(), Math.round(totalmem() / 2 ** 31)));

/** Name of the file that `go build` writes for a package: its last part, before a `/v3`. */
const outputName = (packagePath: string, module: GoModule): string =>
  packagePath === '.' ? module.program.module : basename(packagePath.replace(/\/v\d+$/, ''));

/**
 * Builds the programs of a module into the cache. Go's own build cache keeps what an interrupted build had compiled.
 * @throws StepError with Go's output
 */
export const buildPrograms = (
  module: GoModule,
  { cache, go, run, env }: { cache: ArtifactCache; go: Go; run: RunCommand; env: NodeJS.ProcessEnv },
): Promise<Artifact> => {
  const { program, folder, flags, key } = module;
  const packages = Object.values(program.packages);
  return cache.store(program.module, key, async (draft) => {
    const log = cache.logFile(program.module);
    const [command = '', ...parameters] = [
      ...go.command,
      'build',
      '-p',
      `${atATime()}`,
      ...flags,
      '-o',
      `${draft}/`,
      ...packages,
    ];
    const { status, output } = await run(command, parameters, { cwd: folder, env: goEnvironment(module, env), log });
    if (status !== 0) throw new StepError(`go build of ${program.module} failed`, log, output);
    for (const [name, packagePath] of Object.entries(program.packages)) {
      const written = join(draft, outputName(packagePath, module));
      if (!existsSync(written)) throw new StepError(`go build of ${program.module} made no ${name}`, log, output);
      renameSync(written, join(draft, name));
      chmodSync(join(draft, name), 0o755);
    }
    return `go${go.version}`;
  });
};

/** Fetches the sources that the build will need, and no others. A failure shows again, and is told, in the build. */
export const fetchSources = async (
  module: GoModule,
  { go, run, env }: { go: Go; run: RunCommand; env: NodeJS.ProcessEnv },
): Promise<void> => {
  const packages = Object.values(module.program.packages);
  const [command = '', ...parameters] = [...go.command, 'list', '-deps', '-f', '{{.Name}}', ...packages];
  await run(command, parameters, { cwd: module.folder, env: goEnvironment(module, env) });
};
