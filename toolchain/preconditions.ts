import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Go } from './build';
import type { RunCommand } from './command';
import type { GoModule } from './go-module';
import { SetUpError } from './set-up-error';
import { findCommand, type TerraformSearch } from './terraform-program';
import { compareVersions } from './versions';

/** What the machine is like; the tests give their own. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** MiB of memory in all. */
  readonly memory: number;
  /** MiB free where the path is, or will be. */
  readonly freeDisk: (path: string) => number;
  /** Why the folder can't be written to, if it can't. */
  readonly unwritable: (folder: string) => string | undefined;
}

/** Linking kube-apiserver, kube-controller-manager, kube-scheduler and kubectl at a time: measured, see README.md. */
const BUILD_MEMORY = 3 * 1024;

export const thisHost = (): Host => ({
  platform: process.platform,
  arch: process.arch,
  memory: totalmem() / 2 ** 20,
  freeDisk: (path) => {
    const { bavail, bsize } = statfsSync(existingPart(path));
    return (bavail * bsize) / 2 ** 20;
  },
  unwritable: (folder) => {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
});

const existingPart = (path: string): string => (existsSync(path) ? path : existingPart(dirname(path)));

/** The Go on the PATH and its version; undefined where there is none. */
export const findGo = async (run: RunCommand, env: NodeJS.ProcessEnv): Promise<Go | undefined> => {
  const program = findCommand('go', env);
  if (program === undefined) return undefined;
  const { output } = await run(program, ['version'], { env: { ...env, GOTOOLCHAIN: 'local' } });
  const version = /go version go(\S+)/.exec(output)?.[1];
  return version === undefined ? undefined : { command: [...(await tether(run, env)), program], version };
};

/** Ends a build together with us, even where we are killed. BusyBox' setpriv knows no --pdeathsig: then it runs on. */
const tether = async (run: RunCommand, env: NodeJS.ProcessEnv): Promise<string[]> => {
  const setpriv = findCommand('setpriv', env);
  if (setpriv === undefined) return [];
  const command = [setpriv, '--pdeathsig', 'INT', '--'];
  const { status } = await run(setpriv, [...command.slice(1), 'true'], { env });
  return status === 0 ? command : [];
};

export interface Plan {
  readonly cache: string;
  readonly go: Go | undefined;
  readonly terraform: TerraformSearch;
  /** What has to be built, at most. */
  readonly builds: readonly GoModule[];
}

/** Everything that would stop the set-up, with its fix. Nothing to build: no Go, disk or memory is asked for. */
export const findProblems = (plan: Plan, host: Host): string[] => {
  const problems: string[] = [];
  if (host.platform !== 'linux')
    problems.push(`this is ${host.platform}: network namespaces exist on Linux only; use a Linux machine or VM`);
  if (!['x64', 'arm64'].includes(host.arch))
    problems.push(`the processor is ${host.arch}: x64 and arm64 are supported`);
  const unwritable = host.unwritable(plan.cache);
  if (unwritable !== undefined)
    problems.push(
      `the cache folder ${plan.cache} can't be written to: ${unwritable}; set GROUNDWORK_CACHE to one that can`,
    );
  if (plan.terraform.named && plan.terraform.found === undefined) {
    problems.push(...plan.terraform.refused.map((fact) => `${fact}; correct or unset TERRAFORM_BINARY_NAME`));
  }
  return plan.builds.length === 0 ? problems : [...problems, ...buildProblems(plan, host)];
};

const buildProblems = ({ builds, go, cache }: Plan, host: Host): string[] => {
  const problems: string[] = [];
  const minimum =
    builds
      .map((module) => module.minimumGo)
      .sort(compareVersions)
      .at(-1) ?? '';
  const names = builds.map((module) => module.program.module).join(', ');
  const install = `install Go ${minimum} or newer (https://go.dev/dl) and put it on the PATH`;
  if (go === undefined) problems.push(`Go is not on the PATH, and ${names} must be built from source: ${install}`);
  else if (compareVersions(go.version, minimum) < 0)
    problems.push(`${go.command.at(-1) ?? ''} is Go ${go.version}, and ${names} must be built from source: ${install}`);
  const needed = builds.reduce((sum, module) => sum + module.program.mebibytes, 0);
  const free = host.freeDisk(cache);
  if (free < needed) {
    problems.push(
      `${gibibytes(free)} of disk are free at ${cache}: ${gibibytes(needed)} are needed; free some, or set GROUNDWORK_CACHE, GOCACHE and GOMODCACHE to another disk`,
    );
  }
  if (host.memory < BUILD_MEMORY) {
    problems.push(
      `this machine has ${gibibytes(host.memory)} of memory: building needs ${gibibytes(BUILD_MEMORY)}; give it more`,
    );
  }
  return problems;
};

export const gibibytes = (mebibytes: number): string => `${(mebibytes / 1024).toFixed(1)} GiB`;

/** @throws SetUpError that lists every problem */
export const demandNone = (problems: readonly string[]): void => {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new SetUpError(
    `set-up can't start: ${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} missing\n${list}`,
  );
};
