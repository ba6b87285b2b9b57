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

const run = (folder: string, program: string, ...parameters: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${error?.message ?? stderr}`);
};

/**
 * Packages of Debian, unpacked into the cache: no root is needed, and nothing is installed.
 * @param name of the folder in the cache
 * @param packages those that are wanted, and those that they need and that may be missing here
 */
export const debianPackages = (name: string, packages: readonly string[]): DebianPrograms => {
  const cache = join(homedir(), '.cache', 'groundwork');
  const root = join(cache, name);
  if (!existsSync(root)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, `${name}-new-`));
    // Package lists of its own: those of the machine may be missing, and only root may renew them.
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    const lists = ['-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', 'APT::Sandbox::User='];
    run(folder, 'apt-get', ...lists, '-q', 'update');
    run(folder, 'apt-get', ...lists, '-q', 'download', ...packages);
    for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.deb')))
      run(folder, 'dpkg', '-x', file, '.');
    rmSync(join(folder, 'lists'), { recursive: true });
    renameSync(folder, root);
  }
  const folders = ['usr/lib', 'lib'].map((path) => join(root, path)).filter((path) => existsSync(path));
  const libraries = folders.flatMap((path) => readdirSync(path).map((entry) => join(path, entry)));
  return { root, environment: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
};
