import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GoProgram } from './programs';

/** Folder with one Go module for each of the programs. */
export const MODULES_FOLDER = join(__dirname, 'modules');

/** A module on disk, read once: what is built, and everything that decides what comes of it. */
export interface GoModule {
  readonly program: GoProgram;
  readonly folder: string;
  /** Version of the pinned module, as `v1.35.0`; `v0.0.0` for a program of our own. */
  readonly version: string;
  /** The oldest Go that go.mod allows, as `1.26.8`. */
  readonly minimumGo: string;
  /** Arguments of `go build` before the packages. */
  readonly flags: readonly string[];
  /** Environment of `go build` that decides what is built. */
  readonly environment: Readonly<Record<string, string>>;
  /** Checksum over go.mod, go.sum, our sources, flags and environment: the name of the result in the cache. */
  readonly key: string;
}

/**
 * Reads one module. The Go release in use is not part of the key, the `go` line of go.mod is: a program built by any
 * Go that go.mod allows is the same program, whoever has a newer Go rebuilds nothing, and a machine without Go can use
 * a filled cache. Which Go built it stands beside it.
 * @throws Error where go.mod does not hold the pinned module
 */
export const readGoModule = (program: GoProgram, modules = MODULES_FOLDER, arch: string = process.arch): GoModule => {
  const folder = join(modules, program.module);
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const version = program.pin === '' ? 'v0.0.0' : requiredVersion(goMod, program.pin);
  const variables = Object.entries(program.variables?.(version) ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...variables].join(' ')];
  const environment = {
    CGO_ENABLED: '0',
    GO111MODULE: 'on',
    GOARCH: arch === 'x64' ? 'amd64' : arch,
    GOFLAGS: '-buildvcs=false -mod=readonly',
    GOOS: 'linux',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  };
  const hash = createHash('sha256').update(JSON.stringify({ packages: program.packages, flags, environment }));
  for (const file of readdirSync(folder).sort()) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  const minimumGo = /^go (\S+)$/m.exec(goMod)?.[1] ?? '1.26';
  return { program, folder, version, minimumGo, flags, environment, key: hash.digest('hex').slice(0, 32) };
};

const requiredVersion = (goMod: string, pin: string): string => {
  const line = goMod.split('\n').find((text) =>
    text
      .trim()
      .replace(/^require /, '')
      .startsWith(`${pin} v`),
  );
  const version = line?.split(`${pin} `)[1]?.split(' ')[0];
  if (version === undefined)
    throw new Error(`go.mod does not require ${pin}: run \`go get -tool ${pin}\` in its folder`);
  return version;
};
