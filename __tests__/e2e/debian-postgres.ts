import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debianPackages } from './debian-packages';

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export interface Postgres {
  /** With the password in it, as PG_CONN_STR takes it. */
  readonly connection: string;
  /** Rows of a query, as psql prints them without headings. */
  readonly query: (sql: string) => string;
  readonly stop: () => Promise<void>;
}

const PASSWORD = 'a-password-of-no-worth';

/** A PostgreSQL server of its own, which asks for a password; it refuses to run as root, and is nobody then. */
export const startPostgres = async (): Promise<Postgres> => {
  const { root, environment } = debianPackages('debian-postgresql', (ask) => {
    // The version that the distribution calls its own.
    const server = /Depends: (postgresql-\d+)/.exec(ask('depends', 'postgresql'))?.[1];
    if (server === undefined) throw new Error('the distribution has no package postgresql');
    return [server, server.replace('-', '-client-')];
  });
  const [version = ''] = readdirSync(join(root, 'usr/lib/postgresql'));
  const programs = join(root, 'usr/lib/postgresql', version, 'bin');
  const shared = join(root, 'usr/share/postgresql', version);
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-postgres-'));
  const asNobody = process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=65534', '--map-group=65534'] : [];
  const command = (program: string, ...parameters: readonly string[]): readonly [string, readonly string[]] => {
    const [first = '', ...rest] = [...asNobody, join(programs, program), ...parameters];
    return [first, rest];
  };
  const must = (
    parameters: readonly [string, readonly string[]],
    more: Readonly<Record<string, string>> = {},
  ): string => {
    const { status, stdout, stderr } = spawnSync(...parameters, {
      env: { ...environment, LC_ALL: 'C', ...more },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${parameters[0]} ${parameters[1].join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const data = join(folder, 'data');
  const how = ['--username=terraform', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync', '--locale=C'];
  must(command('initdb', '-D', data, '-L', shared, ...how));
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
  const [program, parameters] = command('postgres', '-D', data, ...settings.flatMap((setting) => ['-c', setting]));
  const server = spawn(program, parameters, {
    env: { ...environment, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  server.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const psql = command('psql', '-h', '127.0.0.1', '-p', String(port), '-U', 'terraform', '-d', 'postgres', '-At');
  const query = (sql: string): string => must([psql[0], [...psql[1], '-c', sql]], { PGPASSWORD: PASSWORD }).trim();
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      const closed = once(server, 'close');
      server.kill('SIGINT');
      await closed;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  while (!log.join('').includes('ready to accept connections')) {
    if (server.exitCode !== null) throw new Error(`postgres ended: ${log.join('')}`);
    await sleep(50);
  }
  const connection = `postgres://terraform:${PASSWORD}@127.0.0.1:${port}/postgres?sslmode=disable`;
  return { connection, query, stop };
};
