import { existsSync, mkdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { mustRun, type CommandRunner } from './command';
import { FOLDERS, PLACES, WORK_FOLDER } from './places';

/** A fresh /run in memory: hides the host's sockets (resolver, name service cache) and holds the work folder. */
export const mountWorkFolder = async (run: CommandRunner): Promise<void> => {
  await mustRun(run, 'mount', ['-t', 'tmpfs', '-o', 'mode=755,nosuid,nodev', 'groundwork', '/run']);
  for (const folder of [WORK_FOLDER, ...FOLDERS]) mkdirSync(folder, { recursive: true, mode: 0o755 });
};

/** Where a bind mount over /etc/resolv.conf must go: it is often a link into /run, which is empty now. */
const resolverTarget = (): string | undefined => {
  const path = '/etc/resolv.conf';
  if (existsSync(path)) return realpathSync(path);
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined;
  }
};

/** Names are the lab's own: its hosts file, and a resolver that refuses at once (nobody listens on port 53). */
export const mountNames = async (run: CommandRunner, hosts: string): Promise<void> => {
  writeFileSync(PLACES.hosts, hosts);
  writeFileSync(PLACES.resolver, 'nameserver 127.0.0.1\noptions attempts:1 timeout:1\n');
  await mustRun(run, 'mount', ['--bind', PLACES.hosts, '/etc/hosts']);
  const resolver = resolverTarget();
  if (resolver === undefined) return;
  if (!existsSync(resolver)) {
    mkdirSync(dirname(resolver), { recursive: true });
    writeFileSync(resolver, '');
  }
  await mustRun(run, 'mount', ['--bind', PLACES.resolver, resolver]);
};

/** Links to programs, so that a shell in the lab finds them by name. */
export const linkPrograms = (programs: readonly string[]): void => {
  for (const program of programs) symlinkSync(program, join(PLACES.programs, basename(program)));
};
