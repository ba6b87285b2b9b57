import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs of Debian in a folder of their own. */
export interface DebianPrograms {
  /** Holds `usr` and the like. */
  readonly root: string;
  /** In which the programs find their libraries. */
  readonly environment: NodeJS.ProcessEnv;
}

const run = (folder: string, program: string, ...parameters: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
};

const ONLY_NEEDED = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
  (kind) => `--no-${kind}`,
);
/** Libraries that every system has, and that fit the dynamic loader of this one alone. */
const OF_THE_SYSTEM = /^lib(c6|gcc-s1|stdc\+\+6|crypt1)$/;

/**
 * Packages of Debian or Ubuntu with the libraries that they need, unpacked into the cache: no root is needed, and nothing is
 * installed.
 * @param name of the folder in the cache
 * @param choose the packages, or which they are by the distribution's own lists, as `apt-cache` reads them
 */
export const debianPackages = (
  name: string,
  choose: readonly string[] | ((ask: (...parameters: readonly string[]) => string) => readonly string[]),
): DebianPrograms => {
  const cache = join(homedir(), '.cache', 'groundwork');
  const root = join(cache, name);
  if (!existsSync(root)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, `${name}-new-`));
    // Package lists of its own: those of the machine may be missing, and only root may renew them.
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    const lists = ['-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', 'APT::Sandbox::User='];
    run(folder, 'apt-get', ...lists, '-q', 'update');
    const caches = ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
    const ask = (...parameters: readonly string[]): string =>
      run(folder, 'apt-cache', ...lists, ...caches, ...parameters);
    const packages = typeof choose === 'function' ? choose(ask) : choose;
    const needed = ask('depends', '--recurse', ...ONLY_NEEDED, ...packages);
    const libraries = needed.split('\n').filter((line) => /^lib[\w.+-]+$/.test(line) && !OF_THE_SYSTEM.test(line));
    run(folder, 'apt-get', ...lists, '-q', 'download', ...packages, ...new Set(libraries));
    for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.deb')))
      run(folder, 'dpkg', '-x', file, '.');
    rmSync(join(folder, 'lists'), { recursive: true });
    renameSync(folder, root);
  }
  const folders = ['usr/lib', 'lib'].map((path) => join(root, path)).filter((path) => existsSync(path));
  const libraries = folders.flatMap((path) => readdirSync(path).map((entry) => join(path, entry)));
  return { root, environment: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
};
