import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { TestNode } from './machine-configs';

/** The testbed's network: `world-main.ts <folder>`, inside user, network, mount and PID namespaces of its own. */
const [folder = ''] = process.argv.slice(2);
const nodes = JSON.parse(readFileSync(join(folder, 'nodes.json'), 'utf8')) as TestNode[];
const ip = (...args: string[]): void => void execFileSync('ip', args);
const running = new Map<string, ChildProcess>();

execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
ip('link', 'set', 'lo', 'up');
ip('link', 'add', 'vmbr0', 'type', 'bridge');
ip('addr', 'add', '10.0.0.1/16', 'dev', 'vmbr0');
ip('link', 'set', 'vmbr0', 'up');

const portOf = (name: string): string => `v-${name}`.slice(0, 15);

const on = (name: string): void => {
  const node = nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  const port = portOf(name);
  ip('netns', 'add', name);
  ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('link', 'set', port, 'master', 'vmbr0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  ip('-n', name, 'addr', 'add', `${node.address}/16`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'route', 'add', 'default', 'via', '10.0.0.1');
  const log = openSync(join(folder, name, 'console.log'), 'a');
  const namespaces = [
    'netns',
    'exec',
    name,
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const program = [process.execPath, '-r', 'tsx/cjs', join(__dirname, 'node-main.ts'), folder, name, node.address];
  running.set(name, spawn('ip', [...namespaces, ...program], { stdio: ['ignore', log, log] }));
};

/** `cut`: every process of the node is killed at once; else it may stop in order. */
const off = async (name: string, isCut: boolean): Promise<void> => {
  const child = running.get(name);
  if (child === undefined) return;
  running.delete(name);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const [first = ''] = readFileSync(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`, 'utf8').split(' ');
  process.kill(Number(first), isCut ? 'SIGKILL' : 'SIGTERM');
  await gone;
  // The namespace ends when its last user does; its port goes at once.
  ip('link', 'del', portOf(name));
  ip('netns', 'del', name);
};

/** Kills a process of a node by the name of its program. */
const kill = (name: string, program: string): number => {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
    .split('\n')
    .filter((pid) => pid !== '');
  const found = pids.filter((pid) => {
    const [path = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return path.split('/').at(-1) === program;
  });
  for (const pid of found) process.kill(Number(pid), 'SIGKILL');
  return found.length;
};

interface Command {
  readonly on?: string;
  readonly off?: string;
  readonly cut?: string;
  readonly wipe?: string;
  readonly kill?: readonly [string, string];
  readonly run?: readonly string[];
}

const obey = async (command: Command): Promise<unknown> => {
  if (command.on !== undefined) on(command.on);
  if (command.off !== undefined) await off(command.off, false);
  if (command.cut !== undefined) await off(command.cut, true);
  if (command.wipe !== undefined) rmSync(join(folder, command.wipe, 'EPHEMERAL'), { recursive: true, force: true });
  if (command.kill !== undefined) return kill(...command.kill);
  if (command.run === undefined) return undefined;
  const [file = '', ...args] = command.run;
  return new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : 1, stdout, stderr });
    });
  });
};

createServer((request, response) => {
  void (async () => {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    try {
      response.end(JSON.stringify({ value: (await obey(JSON.parse(text) as Command)) ?? null }));
    } catch (error) {
      response.statusCode = 500;
      response.end(JSON.stringify({ code: 'ERROR', message: String(error) }));
    }
  })();
}).listen(join(folder, 'socket'));
