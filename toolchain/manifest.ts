import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGoModule } from './go-module';
import { cacheFolder, findCommand } from './preconditions.cjs';
import { ALL_PROGRAMS, LAB_PROGRAMS } from './programs';
import { writeCliConfig, writeMirror, type MirroredProvider } from './provider-mirror';
import { SetUpError } from './set-up-error';
import { terraformCandidates } from './terraform-program';
import type { ProviderName } from './versions';

/** Where the real programs are. All paths are absolute. */
export interface ToolchainManifest {
  /** `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kubectl`, `kwok`, `kube-vip`, `talos-config`. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Terraform or OpenTofu. */
  readonly terraform: string;
  /** For TF_CLI_CONFIG_FILE: providers come from a folder, and from nowhere else. */
  readonly terraformCliConfig: string;
  readonly providerVersions: Readonly<Record<ProviderName, string>>;
  /** Size in bytes and date in Unix seconds of each program, by path: how a change is seen. A hand-made one may lack it. */
  readonly files?: Readonly<Record<string, { readonly size: number; readonly mtime: number }>>;
}

export interface ResolvedToolchain {
  readonly manifest: ToolchainManifest;
  /** Path of the manifest: what GROUNDWORK_TOOLCHAIN carries to the programs that we start. */
  readonly path: string;
}

/**
 * Folder of the toolchain that this checkout asks for in this environment: other go.sum files, another choice of
 * providers or another Terraform give another folder, so that checkouts side by side do not disturb each other.
 */
export const toolchainFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const keys = ALL_PROGRAMS.map((program) => readGoModule(program).key);
  const terraform = terraformCandidates(env).map((name) => findCommand(name, env) ?? '');
  const request = JSON.stringify([keys, terraform, env['GROUNDWORK_PROVIDERS'] ?? '']);
  return join(cacheFolder(env), 'toolchains', createHash('sha256').update(request).digest('hex').slice(0, 32));
};

/**
 * The toolchain, if it is set up: looked up, not checked byte for byte (`npm run setup` does that). Takes milliseconds.
 * Within the lab GROUNDWORK_TOOLCHAIN says which it is.
 * @throws SetUpError that says to run `npm run setup`
 */
export const resolveToolchain = (env: NodeJS.ProcessEnv = process.env): ResolvedToolchain => {
  const path = env['GROUNDWORK_TOOLCHAIN'] || join(toolchainFolder(env), 'manifest.json');
  if (!existsSync(path))
    throw new SetUpError(`the toolchain is not set up: there is no ${path}; run \`npm run setup\``);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as ToolchainManifest;
  for (const [file, { size, mtime }] of Object.entries(manifest.files ?? {})) {
    const seen = statSync(file, { throwIfNoEntry: false });
    if (seen === undefined) throw new SetUpError(`${file} is gone; run \`npm run setup\``);
    if (seen.size !== size || secondsOf(seen) !== mtime)
      throw new SetUpError(`${file} has changed; run \`npm run setup\``);
  }
  return { manifest, path };
};

const secondsOf = (stats: { mtimeMs: number }): number => Math.trunc(stats.mtimeMs / 1000);

/** Writes the folder of the toolchain: its providers as a mirror, Terraform's configuration and the manifest. */
export const writeToolchain = (
  folder: string,
  parts: {
    readonly terraform: string;
    /** Folder in the cache of each module, by its name. */
    readonly programs: ReadonlyMap<string, string>;
    readonly providers: readonly MirroredProvider[];
  },
): ResolvedToolchain => {
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const binaries: Record<string, string> = {};
  for (const { module, packages } of LAB_PROGRAMS) {
    for (const name of Object.keys(packages)) binaries[name] = join(parts.programs.get(module) ?? '', name);
  }
  const mirrored = writeMirror(join(draft, 'providers'), parts.providers);
  writeCliConfig(join(draft, 'terraformrc'), join(folder, 'providers'));
  const files: Record<string, { size: number; mtime: number }> = {};
  for (const file of [...Object.values(binaries), parts.terraform, ...mirrored]) {
    const seen = statSync(file);
    files[file.replace(draft, folder)] = { size: seen.size, mtime: secondsOf(seen) };
  }
  const manifest: ToolchainManifest = {
    binaries,
    terraform: parts.terraform,
    terraformCliConfig: join(folder, 'terraformrc'),
    providerVersions: Object.fromEntries(parts.providers.map(({ name, version }) => [name, version])) as Record<
      ProviderName,
      string
    >,
    files,
  };
  writeFileSync(join(draft, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  return { manifest, path: join(folder, 'manifest.json') };
};
