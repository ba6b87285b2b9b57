/** What the machine is like; the tests give their own. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** MiB of memory in all. */
  readonly memory: number;
  /** MiB free where the path is, or will be. */
  readonly freeDisk: (path: string) => number;
  /** Why the folder can't be written to, or made, if it can't. */
  readonly unwritable: (folder: string) => string | undefined;
}

/** A Go that was found. */
export interface GoOnPath {
  readonly path: string;
  /** As `1.26.8`. */
  readonly version: string;
}

export interface Plan {
  readonly cache: string;
  readonly go?: GoOnPath | undefined;
  /** What has to be built, at most. */
  readonly build?:
    { readonly names: readonly string[]; readonly minimumGo: string; readonly mebibytes: number } | undefined;
  /** Why the Terraform that the user named will not do. */
  readonly terraform?: readonly string[];
}

export function cacheFolder(env: NodeJS.ProcessEnv): string;
export function compareVersions(left: string, right: string): number;
export function describeProblems(problems: readonly string[]): string;
export function findCommand(name: string, env: NodeJS.ProcessEnv): string | undefined;
export function findEarlyProblems(root: string, env: NodeJS.ProcessEnv, host?: Host): string[];
export function findGo(env: NodeJS.ProcessEnv): GoOnPath | undefined;
export function findProblems(plan: Plan, host: Host): string[];
export function gibibytes(mebibytes: number): string;
export function nodeProblem(version: string, range: string): string | undefined;
export function thisHost(): Host;
