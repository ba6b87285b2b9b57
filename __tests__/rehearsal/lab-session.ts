import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult } from '../../lab/rehearsal/check-result';
import { lineSplitter, runCommand } from '../../lab/world/command';
import { RunFolder, type RunRecord } from '../../lab/world/run-folder';
import type { RunResult } from '../../lab/world/running-lab';
import { labCommand, nodeCommand } from '../../lab/world/shell';
import { PLACES } from '../../lab/world/places';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { ACCESS_KEY, SECRET_KEY } from './object-storage';
import type { QuorumLook } from './quorum-watch';

const CHECKOUT = join(__dirname, '..', '..');
const INSIDE = join(__dirname, 'inside.ts');
const ACT = join(__dirname, 'act.ts');
const STORAGE = join(__dirname, 'object-storage.ts');
const START_MS = 120_000;
const POLL_MS = 100;

/** What a plan does to one resource: its Terraform address, and `create`, `update`, `delete create` … */
export interface PlannedChange {
  readonly address: string;
  readonly actions: string;
}

export interface Plan {
  /** Of `terraform plan -detailed-exitcode`: 0 nothing to do, 1 an error, 2 changes. */
  readonly status: number;
  /** Sorted by address; resources that stay as they are, and data that are read, are left out. */
  readonly changes: readonly PlannedChange[];
  readonly output: string;
}

export interface SessionOptions {
  /** Name of the stack. Default: `infrastructure`. */
  readonly stack?: string;
  /** Name of the profile of durations. Default: `instant`. */
  readonly profile?: string;
}

/** A proxmox object as `/cluster/resources` and a storage's `content` list it. */
interface Listed {
  readonly vmid?: number;
  readonly name?: string;
  readonly volid?: string;
}

interface ShownPlan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly change: { readonly actions: readonly string[] };
  }[];
}

/** A running lab in a work folder of its own, with a folder of specs of its own: see README.md. */
export class LabSession {
  private failed = false;
  /** Beside the lab's. */
  private settings: Readonly<Record<string, string>> = {};
  private constructor(
    private readonly folder: string,
    private readonly stack: string,
    private readonly starter: ChildProcess,
    private readonly record: RunRecord,
  ) {}

  /**
   * Starts a lab whose data centre (hosts, storages, bridges, charts) is that of the spec. It ends with this process at
   * the latest.
   * @throws Error with what the lab said where it does not come up
   */
  static async start(spec: ClusterSpec, options: SessionOptions = {}): Promise<LabSession> {
    const { stack = 'infrastructure', profile = 'instant' } = options;
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-session-'));
    writeSpec(folder, spec);
    const parameters = ['lab', 'start', '--foreground', '--work', folder, '--stack', stack, '--profile', profile];
    const starter = spawn(process.execPath, [join(CHECKOUT, 'bin', 'groundwork.cjs'), ...parameters], {
      cwd: CHECKOUT,
      env: { ...process.env, GROUNDWORK_CLUSTERS_DIR: join(folder, 'clusters') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [starter.stdout, starter.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    for (let waited = 0; waited < START_MS && starter.exitCode === null; waited += POLL_MS) {
      const record = new RunFolder(folder).read();
      if (record?.state === 'up' && record.inside !== undefined) return new LabSession(folder, stack, starter, record);
      await sleep(POLL_MS);
    }
    starter.kill('SIGTERM');
    throw new Error(`the lab did not come up; it said:\n${said}`);
  }

  /** In place of the spec before: what the next plan or deploy takes. */
  writeSpec(spec: ClusterSpec): void {
    writeSpec(this.folder, spec);
  }

  /** A further file of specs, as `lab.yaml`. */
  writeClusterFile(name: string, text: string): void {
    writeFileSync(join(this.folder, 'clusters', name), text);
  }

  /** The same lab, for another stack: it is in the same network, on the same Proxmox. */
  of(stack: string): LabSession {
    return new LabSession(this.folder, stack, this.starter, this.record);
  }

  /** From now on the state is in an S3 in the lab, and not in a file. It ends with the lab. */
  async keepStateInS3(): Promise<void> {
    const [program = '', ...args] = this.inLab([process.execPath, '-r', 'tsx/cjs', STORAGE]);
    const storage = spawn(program, args, { env: this.environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const [address] = (await once(storage.stdout, 'data')) as [Buffer];
    this.settings = {
      GROUNDWORK_STATE: address.toString().trim(),
      ...{ AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY },
    };
  }

  /** `cdktf deploy`, approved. */
  deploy(): Promise<RunResult> {
    return this.cdktf('deploy', '--auto-approve');
  }

  /** What a deploy would do now. */
  async plan(args: readonly string[] = []): Promise<Plan> {
    const file = join(PLACES.temporary, 'session.tfplan');
    const diff = await this.cdktf('diff');
    if (diff.status !== 0) return { status: 1, changes: [], output: `${diff.stdout}${diff.stderr}` };
    const plan = ['plan', '-detailed-exitcode', '-input=false', '-no-color', '-lock-timeout=10s', `-out=${file}`];
    const { status, stdout, stderr } = await this.terraform(...plan, ...args);
    if (status === 1) return { status, changes: [], output: `${stdout}${stderr}` };
    const shown = JSON.parse(await this.shown(file)) as ShownPlan;
    const changes = (shown.resource_changes ?? [])
      .map(({ address, mode, change }) => ({ address, mode, actions: change.actions.join(' ') }))
      .filter(({ mode, actions }) => mode === 'managed' && actions !== 'no-op')
      .map(({ address, actions }) => ({ address, actions }))
      .sort((a, b) => (a.address < b.address ? -1 : 1));
    return { status, changes, output: `${stdout}${stderr}` };
  }

  /** The checks of a rehearsal on the running cluster, as `PASS nodes-ready`, and why one has failed. */
  async check(): Promise<readonly string[]> {
    const results = await this.ask<readonly CheckResult[]>('check');
    return results.map(({ check, status, fact }) =>
      status === 'PASS' ? `PASS ${check}` : `${status} ${check}: ${fact}`,
    );
  }

  /**
   * Looks at etcd's members and the VIP, twice a second, from when its promise is kept until the function that it gives is
   * called.
   */
  async watchQuorum(): Promise<() => Promise<readonly QuorumLook[]>> {
    const [program = '', ...args] = this.inLab([process.execPath, '-r', 'tsx/cjs', INSIDE, this.stack, 'watch']);
    const watcher = spawn(program, args, {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const looks: QuorumLook[] = [];
    const lines = lineSplitter((line) => looks.push(JSON.parse(line) as QuorumLook));
    watcher.stdout.on('data', (chunk: Buffer) => lines.write(chunk));
    while (looks.length === 0 && watcher.exitCode === null) await sleep(POLL_MS);
    return async () => {
      const closed = once(watcher, 'close');
      // The whole group: nsenter waits for a child of its own, which would hold the pipe open.
      if (watcher.pid !== undefined) process.kill(-watcher.pid, 'SIGKILL');
      await closed;
      return looks;
    };
  }

  /** `cdktf destroy`, approved. Gives names of VMs and volume ids that Proxmox still has. @throws Error where it fails */
  async destroy(): Promise<readonly string[]> {
    const { status, stdout, stderr } = await this.cdktf('destroy', '--auto-approve');
    if (status !== 0) throw new Error(`cdktf destroy: status ${status}\n${stdout}${stderr}`.slice(-4000));
    return this.inventory();
  }

  /** Addresses of the spec's resources that the state does not have, sorted. Synthesizes and initializes. */
  async missingResources(): Promise<readonly string[]> {
    await this.cdktf('diff');
    const shown = await this.run(['cat', join(PLACES.output, 'stacks', this.stack, 'cdk.tf.json')]);
    const { resource } = JSON.parse(shown.stdout) as { readonly resource: Readonly<Record<string, object>> };
    const planned = Object.entries(resource).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `${type}.${name}`),
    );
    const known = (await this.terraform('state', 'list')).stdout.split('\n');
    return planned.filter((address) => !known.includes(address)).sort();
  }

  /**
   * Deploys, and kills Terraform and its providers some time after it has begun to make a resource, as the loss of the
   * machine that deploys would. `missingResources` before.
   * @returns how it ended: `killed`, or the status of a deploy that ended before
   */
  async killDeploy(address: string, delayMs: number): Promise<string> {
    const folder = join(PLACES.output, 'stacks', this.stack);
    const terraform = this.environment['TERRAFORM_BINARY_NAME'] ?? 'terraform';
    const apply = [terraform, `-chdir=${folder}`, 'apply', '-auto-approve', '-input=false', '-no-color'];
    const [program = '', ...args] = this.inLab(apply);
    const deploy = spawn(program, args, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const closed = once(deploy, 'close');
    const end = { killed: false };
    const follow = (line: string): void => {
      appendFileSync(join(this.folder, 'logs', 'killed.log'), `${line}\n`);
      if (!line.startsWith(`${address}: Creating`)) return;
      setTimeout(() => {
        if (deploy.exitCode !== null || deploy.pid === undefined) return;
        end.killed = true;
        // The group: Terraform, its providers, and what they have started.
        process.kill(-deploy.pid, 'SIGKILL');
      }, delayMs);
    };
    for (const stream of [deploy.stdout, deploy.stderr]) {
      const lines = lineSplitter(follow);
      stream.on('data', (chunk: Buffer) => lines.write(chunk));
    }
    await closed;
    return end.killed ? 'killed' : `ended with status ${deploy.exitCode ?? 'of a signal'}`;
  }

  /** Names of VMs and volume ids of all storages, as Proxmox lists them. */
  async inventory(): Promise<readonly string[]> {
    const resources =
      await this.proxmox<
        readonly (Listed & { readonly type: string; readonly node: string; readonly storage?: string })[]
      >('/cluster/resources');
    const storages = resources.filter(({ type }) => type === 'storage');
    const volumes = await Promise.all(
      storages.map(({ node, storage = '' }) =>
        this.proxmox<readonly Listed[]>(`/nodes/${node}/storage/${storage}/content`),
      ),
    );
    const machines = resources.filter(({ type }) => type === 'qemu').map(({ name = '' }) => name);
    return [...machines, ...new Set(volumes.flat().map(({ volid = '' }) => volid))].sort();
  }

  /** GET at the Kubernetes API's VIP, as the administrator. */
  kubernetes<T>(path: string): Promise<T> {
    return this.ask<T>('kubernetes', path);
  }

  /** GET at the Proxmox API, as Terraform's token; `path` from behind `/api2/json`. */
  proxmox<T>(path: string): Promise<T> {
    return this.ask<T>('proxmox', path);
  }

  /** What act.ts can do to the cluster. @throws Error with its words where it fails */
  async act(...args: readonly string[]): Promise<void> {
    const { status, stderr } = await this.run([process.execPath, '-r', 'tsx/cjs', ACT, ...args]);
    if (status !== 0) throw new Error(`${args.slice(0, 4).join(' ')}: ${stderr.trim()}`);
  }

  /** The command line `groundwork`, inside the lab. */
  groundwork(...args: readonly string[]): Promise<RunResult> {
    return this.run([process.execPath, join(CHECKOUT, 'bin', 'groundwork.cjs'), ...args]);
  }

  /** Terraform in the stack's folder. */
  terraform(...args: readonly string[]): Promise<RunResult> {
    const folder = join(PLACES.output, 'stacks', this.stack);
    return this.run([this.environment['TERRAFORM_BINARY_NAME'] ?? 'terraform', `-chdir=${folder}`, ...args]);
  }

  /** A command in a VM, by its id. */
  inNode(vmid: number, command: readonly string[]): Promise<RunResult> {
    return this.run(nodeCommand(vmid, command));
  }

  /** Any command in the lab's namespaces, with the lab's environment, in the checkout. */
  async run(command: readonly string[], timeoutMs?: number): Promise<RunResult> {
    const [program = '', ...args] = this.inLab(command);
    return runCommand(program, args, {
      environment: this.environment,
      logFile: join(this.folder, 'logs', 'session.log'),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** Ends the lab. Its folder goes too, unless a deploy failed, or GROUNDWORK_KEEP_LOGS is set. */
  async stop(): Promise<void> {
    if (this.starter.exitCode === null) {
      const closed = once(this.starter, 'close');
      this.starter.kill('SIGTERM');
      await closed;
    }
    if (this.failed || process.env['GROUNDWORK_KEEP_LOGS'] !== undefined)
      process.stderr.write(`logs of the lab: ${join(this.folder, 'logs')}\n`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  /** A plan as JSON holds the cluster's keys in the clear: it goes to no log. */
  private async shown(file: string): Promise<string> {
    const folder = join(PLACES.output, 'stacks', this.stack);
    const terraform = this.environment['TERRAFORM_BINARY_NAME'] ?? 'terraform';
    const [program = '', ...args] = this.inLab([terraform, `-chdir=${folder}`, 'show', '-json', file]);
    return (await runCommand(program, args, { environment: this.environment })).stdout;
  }

  private get environment(): Record<string, string> {
    return { ...this.record.environment, ...this.settings };
  }

  private inLab(command: readonly string[]): readonly string[] {
    return labCommand(this.record.inside?.pid ?? -1, this.record.userNamespace, CHECKOUT, command);
  }

  private async cdktf(command: 'deploy' | 'diff' | 'destroy', ...args: readonly string[]): Promise<RunResult> {
    const program = join(CHECKOUT, 'node_modules', '.bin', 'cdktf');
    const result = await this.run([program, command, this.stack, ...args, '--no-color']);
    if (result.status !== 0) this.failed = true;
    return result;
  }

  private async ask<T>(...what: readonly string[]): Promise<T> {
    const asked = await this.run([
      process.execPath,
      '--disable-warning=DEP0123',
      '-r',
      'tsx/cjs',
      INSIDE,
      this.stack,
      ...what,
    ]);
    if (asked.status !== 0) throw new Error(`${what.join(' ')}: ${asked.stderr.trim()}`);
    return JSON.parse(asked.stdout) as T;
  }
}

const writeSpec = (folder: string, spec: ClusterSpec): void => {
  mkdirSync(join(folder, 'clusters'), { recursive: true });
  writeFileSync(join(folder, 'clusters', 'cluster.ts'), `export const cluster = ${JSON.stringify(spec, null, 2)};\n`);
};
