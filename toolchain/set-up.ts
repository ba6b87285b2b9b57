import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildPrograms, fetchSources, tieGo } from './build';
import { ArtifactCache, type Artifact } from './cache';
import type { RunCommand } from './command';
import { readGoModule, type GoModule } from './go-module';
import { resolveToolchain, toolchainFolder, writeToolchain, type ResolvedToolchain } from './manifest';
import {
  cacheFolder,
  compareVersions,
  describeProblems,
  findGo,
  findProblems,
  gibibytes,
  type GoOnPath,
  type Host,
  type Plan,
} from './preconditions.cjs';
import { LAB_PROGRAMS, PROVIDER_PROGRAMS, TOFU_PROGRAM, type GoProgram } from './programs';
import { Progress, roughly, type Screen } from './progress';
import { fromModules, fromRegistry, type MirroredProvider } from './provider-mirror';
import { fetchRegistryProviders, findRegistryProviders, verifyRegistryProviders } from './registry-providers';
import { SetUpError, StepError } from './set-up-error';
import { withLock } from './set-up-lock';
import { findTerraform, type TerraformProgram, type TerraformSearch } from './terraform-program';

/** What a set-up works with; the tests give their own. */
export interface Workshop {
  readonly env: NodeJS.ProcessEnv;
  readonly screen: Screen;
  readonly run: RunCommand;
  readonly host: Host;
}

/** Where the providers are to come from. Default: the registry where it answers, else the Go modules. */
export type ProviderChoice = 'registry' | 'modules' | undefined;

/** What GROUNDWORK_PROVIDERS asks for. @throws SetUpError for any other word */
export const providerChoice = (env: NodeJS.ProcessEnv): ProviderChoice => {
  const word = env['GROUNDWORK_PROVIDERS'] || undefined;
  if (word === undefined || word === 'registry' || word === 'modules') return word;
  throw new SetUpError(`GROUNDWORK_PROVIDERS is "${word}": registry and modules are allowed; correct or unset it`);
};

/**
 * Makes the toolchain complete: what is in the cache is checked byte for byte, what is not is fetched or built.
 * @throws SetUpError for whatever the user can put right, before any work where it can be known before
 */
export const setUp = async (workshop: Workshop): Promise<ResolvedToolchain> => {
  const { env, run, host, screen } = workshop;
  const choice = providerChoice(env);
  const cache = new ArtifactCache(cacheFolder(env));
  const terraform = await findTerraform(run, env);
  const fetched = choice !== 'modules' && findRegistryProviders(cache, productOf(terraform)) !== undefined;
  const missing = wanted(fetched ? 'registry' : choice, terraform).filter(
    ({ program, key }) => cache.find(program.module, key) === undefined,
  );
  const go = missing.length > 0 ? findGo(env) : undefined;
  const named = terraform.named && terraform.found === undefined ? terraform.refused : [];
  const problems = findProblems({ cache: cache.root, go, build: toBuild(missing), terraform: named }, host);
  if (problems.length > 0) throw new SetUpError(describeProblems(problems));
  const wait = (pid: number): void =>
    void screen.write(`another set-up (process ${pid}) is at work on ${cache.root}: waiting for it\n`);
  return withLock(join(cache.root, 'set-up.lock'), wait, () => new SetUp(workshop, cache, choice, go, terraform).run());
};

/** What the build of these modules asks of the machine; undefined where there is none to build. */
const toBuild = (modules: readonly GoModule[]): Plan['build'] => {
  if (modules.length === 0) return undefined;
  const names = modules.map(({ program }) => program.module);
  const minimumGo =
    modules
      .map((module) => module.minimumGo)
      .sort(compareVersions)
      .at(-1) ?? '1.26';
  return { names, minimumGo, mebibytes: sum(modules, (program) => program.mebibytes) };
};

/** Every module that may have to be built. */
const wanted = (choice: ProviderChoice, terraform: TerraformSearch): GoModule[] =>
  [
    ...LAB_PROGRAMS,
    ...(choice === 'registry' ? [] : PROVIDER_PROGRAMS),
    ...(terraform.found === undefined ? [TOFU_PROGRAM] : []),
  ].map((program) => readGoModule(program));

/** A file of the cache was damaged, which only the full check has found. */
const GONE =
  'a program in the cache is damaged and must be built again, and Go is not on the PATH: install it, then run `npm run setup`';

/** One set-up, which holds the lock of the cache. */
class SetUp {
  private readonly artifacts = new Map<string, Artifact>();
  private readonly progress: Progress;
  private readonly started = Date.now();

  constructor(
    private readonly workshop: Workshop,
    private readonly cache: ArtifactCache,
    private readonly choice: ProviderChoice,
    private readonly go: GoOnPath | undefined,
    private readonly terraform: TerraformSearch,
  ) {
    this.progress = new Progress(workshop.screen, 0);
  }

  async run(): Promise<ResolvedToolchain> {
    for (const fact of this.terraform.refused) this.say(`passed over: ${fact}`);
    const registry = await this.cachedRegistryProviders();
    const missing = await this.verify(registry === undefined ? this.wanted() : this.wanted('registry'));
    if (missing.length > 0) this.announce(missing);
    if (missing.some(isTofu)) await this.build([readGoModule(TOFU_PROGRAM)]);
    const terraform = this.terraform.found ?? this.builtTofu();
    const providers = await this.providers(terraform, registry, missing);
    await this.build(missing.filter((module) => !isTofu(module) && (!isProvider(module) || providers === undefined)));
    return this.write(terraform, providers ?? this.builtProviders());
  }

  private wanted(choice = this.choice): GoModule[] {
    return wanted(choice, this.terraform);
  }

  /** What is not in the cache, or is damaged there. */
  private async verify(modules: readonly GoModule[]): Promise<GoModule[]> {
    const missing: GoModule[] = [];
    for (const module of modules) {
      const artifact = await this.cache.verify(module.program.module, module.key);
      if (artifact === undefined) missing.push(module);
      else this.artifacts.set(module.program.module, artifact);
    }
    return missing;
  }

  private async cachedRegistryProviders(): Promise<Artifact | undefined> {
    if (this.choice === 'modules') return undefined;
    return verifyRegistryProviders(this.cache, productOf(this.terraform));
  }

  /** The providers of the registry, where they are to come from it; undefined: they are built. */
  private async providers(
    terraform: TerraformProgram,
    cached: Artifact | undefined,
    missing: readonly GoModule[],
  ): Promise<MirroredProvider[] | undefined> {
    if (cached !== undefined) return fromRegistry(cached);
    if (this.choice === 'modules' || (this.choice === undefined && !missing.some(isProvider))) return undefined;
    this.progress.steps += 1;
    const step = { title: 'ask the registry for the providers', purpose: 'what production uses', seconds: 20 };
    const answer = await this.progress.step(step, () => this.askRegistry(terraform));
    if (answer instanceof StepError) {
      this.say(`${answer.message}: the providers are built from their Go modules (log: ${answer.log})`);
      return undefined;
    }
    this.progress.steps -= missing.filter(isProvider).length;
    return fromRegistry(answer);
  }

  /** No answer is an answer too, unless the registry was asked for by name. */
  private async askRegistry(terraform: TerraformProgram): Promise<Artifact | StepError> {
    try {
      return await fetchRegistryProviders(terraform, { cache: this.cache, ...this.workshop });
    } catch (error) {
      if (error instanceof StepError && this.choice === undefined) return error;
      throw error;
    }
  }

  /** One after the other; while one compiles the sources of the next are fetched. */
  private async build(modules: readonly GoModule[]): Promise<void> {
    const { cache, workshop } = this;
    if (modules.length === 0) return;
    const found = this.go ?? findGo(workshop.env);
    if (found === undefined) throw new SetUpError(GONE);
    const go = await tieGo(found, workshop.run, workshop.env);
    let fetching = Promise.resolve();
    for (const [index, module] of modules.entries()) {
      await fetching;
      const next = modules[index + 1];
      const { packages, purpose, seconds } = module.program;
      const step = { title: `build ${Object.keys(packages).join(', ')}`, purpose, seconds: here(seconds) };
      const artifact = await this.progress.step(step, () => {
        if (next !== undefined) fetching = fetchSources(next, { go, ...workshop });
        return buildPrograms(module, { cache, go, ...workshop });
      });
      this.artifacts.set(module.program.module, artifact);
    }
  }

  private announce(missing: readonly GoModule[]): void {
    this.progress.steps = missing.length;
    const time = roughly(here(sum(missing, (program) => program.seconds)));
    const disk = gibibytes(sum(missing, (program) => program.mebibytes));
    const cores = availableParallelism();
    this.say(`set-up builds from source: ${missing.map((module) => module.program.module).join(', ')}`);
    this.say(
      `${time} once on ${cores} cores; needs ${disk} of disk (${this.cache.root} and Go's caches); later runs take seconds`,
    );
    if (this.choice === undefined && missing.some(isProvider))
      this.say('providers are built only where the Terraform registry does not answer');
  }

  private builtTofu(): TerraformProgram {
    const { module } = TOFU_PROGRAM;
    return {
      path: join(this.artifacts.get(module)?.folder ?? '', 'tofu'),
      product: 'tofu',
      version: readGoModule(TOFU_PROGRAM).version.slice(1),
    };
  }

  private builtProviders(): MirroredProvider[] {
    const built = PROVIDER_PROGRAMS.flatMap((program) => {
      const artifact = this.artifacts.get(program.module);
      return artifact === undefined ? [] : [{ module: readGoModule(program), artifact }];
    });
    return fromModules(built);
  }

  /** Keeps the folder of the toolchain where it is as it should be: a lab may be running from it. */
  private write(terraform: TerraformProgram, providers: readonly MirroredProvider[]): ResolvedToolchain {
    const { env } = this.workshop;
    const folder = toolchainFolder(env);
    const programs = new Map([...this.artifacts].map(([name, { folder: place }]) => [name, place]));
    const resolved =
      this.upToDate(terraform, providers) ?? writeToolchain(folder, { terraform: terraform.path, programs, providers });
    const versions = providers.map(({ name, version }) => `${name} ${version}`).join(', ');
    const seconds = ((Date.now() - this.started) / 1000).toFixed(1);
    this.say(`toolchain complete in ${seconds} s: ${terraform.product} ${terraform.version}, providers ${versions}`);
    return resolved;
  }

  private upToDate(terraform: TerraformProgram, providers: readonly MirroredProvider[]): ResolvedToolchain | undefined {
    try {
      const resolved = resolveToolchain({ ...this.workshop.env, GROUNDWORK_TOOLCHAIN: '' });
      const { manifest } = resolved;
      const same =
        manifest.terraform === terraform.path &&
        providers.every(({ name, version }) => manifest.providerVersions[name] === version);
      return same ? resolved : undefined;
    } catch (error) {
      if (error instanceof SetUpError) return undefined;
      throw error;
    }
  }

  private say(text: string): void {
    this.workshop.screen.write(`${text}\n`);
  }
}

/** OpenTofu is built where nothing was found. */
const productOf = ({ found }: TerraformSearch): TerraformProgram['product'] => found?.product ?? 'tofu';
const isTofu = ({ program }: GoModule): boolean => program === TOFU_PROGRAM;
const isProvider = ({ program }: GoModule): boolean => PROVIDER_PROGRAMS.includes(program);
const sum = (modules: readonly GoModule[], of: (program: GoProgram) => number): number =>
  modules.reduce((total, { program }) => total + of(program), 0);
/** Estimates are for 2 cores; Go makes good use of up to about 8. */
const here = (seconds: number): number => (seconds * 2) / Math.min(8, availableParallelism());
