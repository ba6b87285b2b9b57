import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';
import { resolveToolchain } from '../../../../toolchain/manifest';
import { machineConfigs, type ClusterOptions, type TestNode } from './machine-configs';

/** The two sections of a machine config. */
export interface MachineDocument {
  readonly machine: Readonly<Record<string, unknown>>;
  readonly cluster: Readonly<Record<string, unknown>>;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nodes as namespaces on one bridge, with what `createNodeServices` gives running on each. */
export class Testbed {
  private constructor(
    readonly folder: string,
    readonly nodes: readonly TestNode[],
    private readonly kubectlPath: string,
    private readonly world: ChildProcess,
  ) {}

  /** Makes the network; no node is on yet. `configs` replaces the generated machine configs. */
  static async create(options: ClusterOptions, configs?: Record<string, Record<string, unknown>>): Promise<Testbed> {
    const { manifest } = resolveToolchain();
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-testbed-'));
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'nodes.json'), JSON.stringify(options.nodes));
    writeFileSync(join(folder, 'binaries.json'), JSON.stringify(manifest.binaries));
    writeFileSync(join(folder, 'discovered.json'), '[]');
    for (const [name, config] of Object.entries(configs ?? (await machineConfigs(options)))) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    }
    const log = openSync(join(folder, 'world.log'), 'a');
    const namespaces = ['-Urnm', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const program = [process.execPath, '-r', 'tsx/cjs', join(__dirname, 'world-main.ts'), folder];
    const world = spawn('unshare', [...namespaces, ...program], {
      stdio: ['ignore', log, log],
      cwd: join(__dirname, '../../../..'),
    });
    const testbed = new Testbed(folder, options.nodes, manifest.binaries['kubectl'] ?? 'kubectl', world);
    await testbed.until('the network', () => Promise.resolve(existsSync(join(folder, 'socket'))), 10_000);
    return testbed;
  }

  on(name: string): Promise<unknown> {
    return this.command({ on: name });
  }

  /** Orderly shutdown. */
  off(name: string): Promise<unknown> {
    return this.command({ off: name });
  }

  /** Power cut. */
  cut(name: string): Promise<unknown> {
    return this.command({ cut: name });
  }

  /** Empties the disk of a node that is off. */
  wipe(name: string): Promise<unknown> {
    return this.command({ wipe: name });
  }

  /** `kill -9` of a program; gives how many there were. */
  async kill(name: string, program: string): Promise<number> {
    return (await this.command({ kill: [name, program] })) as number;
  }

  /** Keeps a process down, or lets it come back. */
  hold(name: string, program: string, isHeld: boolean): void {
    const path = join(this.folder, name, 'EPHEMERAL', 'lab-hold');
    mkdirSync(path, { recursive: true });
    if (isHeld) writeFileSync(join(path, program), '');
    else rmSync(join(path, program), { force: true });
  }

  /** Runs a command in the testbed's network, outside of any node. */
  async run(...argv: readonly string[]): Promise<Ran> {
    return (await this.command({ run: argv })) as Ran;
  }

  /** kubectl as admin, at the cluster endpoint or at one node. @throws Error with what kubectl says */
  async kubectl(args: string, server?: string): Promise<string> {
    const kubeconfig = join(this.folder, 'kubeconfig');
    const at = server === undefined ? [] : [`--server=https://${server}:6443`];
    const { status, stdout, stderr } = await this.run(
      this.kubectlPath,
      `--kubeconfig=${kubeconfig}`,
      '--request-timeout=5s',
      ...at,
      ...args.split(' '),
    );
    if (status !== 0) throw new Error(stderr.trim());
    return stdout;
  }

  /** Calls a node: `/services`, `/members` … (see node-main.ts). */
  async call<T>(name: string, path: string, body: unknown = {}): Promise<T> {
    const { value } = await post<{ value: T }>(join(this.folder, name, 'socket'), path, body);
    return value;
  }

  /** Config that a node was started with. */
  config(name: string): MachineDocument {
    return JSON.parse(readFileSync(join(this.folder, name, 'config.json'), 'utf8')) as MachineDocument;
  }

  /** Takes a snapshot of etcd from a node into a file. */
  async snapshot(name: string, file: string): Promise<void> {
    const socketPath = join(this.folder, name, 'socket');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath, path: '/snapshot', method: 'POST' }, resolve).on('error', reject).end();
    });
    await pipeline(response, createWriteStream(file, { mode: 0o600 }));
  }

  /** Bootstraps the first node and keeps its kubeconfig for `kubectl`. */
  async bootstrap(name: string): Promise<void> {
    await this.until(`${name} to answer`, () => this.call(name, '/bootstrap').then(() => true), 10_000);
    writeFileSync(join(this.folder, 'kubeconfig'), await this.call<string>(name, '/kubeconfig'), { mode: 0o600 });
  }

  /** Polls until `check` gives true. @throws Error with the last failure when the time is over */
  async until(what: string, check: () => Promise<boolean>, timeoutMs: number): Promise<number> {
    const start = Date.now();
    let last: unknown = 'it stayed false';
    while (Date.now() - start < timeoutMs) {
      try {
        if (await check()) return Date.now() - start;
        last = 'it stayed false';
      } catch (error) {
        last = error;
      }
      await after(100);
    }
    throw new Error(`waited ${timeoutMs / 1000} s for ${what}: ${String(last)}`);
  }

  /** Ends everything and deletes the folder, unless a test wants to look at it. */
  async destroy(keepsFolder = false): Promise<void> {
    const gone = new Promise((resolve) => this.world.once('exit', resolve));
    this.world.kill('SIGKILL');
    await gone;
    if (!keepsFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  private async command(body: unknown): Promise<unknown> {
    return (await post<{ value: unknown }>(join(this.folder, 'socket'), '/', body)).value;
  }
}

const post = <T>(socketPath: string, path: string, body: unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const parsed = JSON.parse(text) as T & { code?: string; message?: string };
        if (response.statusCode === 200) resolve(parsed);
        else reject(new Error(`${parsed.code ?? ''} ${parsed.message ?? ''}`));
      });
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
