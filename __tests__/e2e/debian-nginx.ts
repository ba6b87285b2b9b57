import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Nginx {
  readonly program: string;
  readonly streamModule: string;
  readonly environment: NodeJS.ProcessEnv;
}

const PACKAGES = ['nginx', 'libnginx-mod-stream', 'libpcre2-8-0'];

const run = (folder: string, program: string, ...parameters: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${error?.message ?? stderr}`);
};

/** Debian's nginx with its stream module, unpacked into the cache: no root is needed, and nothing is installed. */
export const debianNginx = (): Nginx => {
  const cache = join(homedir(), '.cache', 'groundwork');
  const root = join(cache, 'debian-nginx');
  if (!existsSync(root)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'debian-nginx-new-'));
    // Package lists of its own: those of the machine may be missing, and only root may renew them.
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    const lists = ['-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', 'APT::Sandbox::User='];
    run(folder, 'apt-get', ...lists, '-q', 'update');
    run(folder, 'apt-get', ...lists, '-q', 'download', ...PACKAGES);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
      run(folder, 'dpkg', '-x', file, '.');
    rmSync(join(folder, 'lists'), { recursive: true });
    renameSync(folder, root);
  }
  const libraries = readdirSync(join(root, 'usr/lib')).map((name) => join(root, 'usr/lib', name));
  return {
    program: join(root, 'usr/sbin/nginx'),
    streamModule: join(root, 'usr/lib/nginx/modules/ngx_stream_module.so'),
    environment: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
  };
};
