import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CHECKOUT, InputError, type Environment } from '../deployment/find-cluster';

export interface WorkspaceRequest {
  /** As `infrastructure-home`. */
  readonly stack: string;
  readonly environment: Environment;
  /** Told before each step that takes long. */
  readonly tell?: (line: string) => void;
}

/** The plugin cache that cdktf uses, so that no provider is downloaded twice. */
const withPluginCache = (environment: Environment): Environment => {
  const { TF_PLUGIN_CACHE_DIR: given, CDKTF_DISABLE_PLUGIN_CACHE_ENV: off, HOME: home } = environment;
  if (given !== undefined || off !== undefined) return environment;
  const folder = join(home ?? homedir(), '.terraform.d', 'plugin-cache');
  mkdirSync(folder, { recursive: true });
  return { ...environment, TF_PLUGIN_CACHE_DIR: folder };
};

/**
 * A cluster's Terraform JSON in a temporary folder which only this user can read, with the state and the backend of the
 * checkout. What is planned there holds secrets: the folder goes when the workspace is closed, after Ctrl-C too.
 */
export class TerraformWorkspace {
  private constructor(
    private readonly stack: string,
    private readonly root: string,
    private readonly environment: Environment,
    private readonly tell: (line: string) => void,
  ) {}

  /**
   * Synthesizes the checkout, readies the providers, hands the workspace to `use` and removes it.
   * @throws InputError with the words of what failed
   */
  static async use<T>(request: WorkspaceRequest, use: (workspace: TerraformWorkspace) => Promise<T>): Promise<T> {
    const { stack, tell = () => undefined } = request;
    const root = mkdtempSync(join(tmpdir(), 'groundwork-')); // 0700, as mkdtemp makes them
    // A signal ends the child that runs; then the promise is rejected, and the folder goes.
    const stay = (): void => undefined;
    // Terraform's backups of a state have its secrets, and no mode of their own.
    const umask = process.umask(0o077);
    process.on('SIGINT', stay).on('SIGTERM', stay);
    try {
      tell('synthesizing');
      const { GROUNDWORK_STATE_DIR: state = join(CHECKOUT, 'terraform-state') } = request.environment;
      const environment = withPluginCache({
        ...request.environment,
        GROUNDWORK_STATE_DIR: state,
        CDKTF_OUTDIR: root,
        TF_IN_AUTOMATION: 'true',
      });
      await run(process.execPath, ['-r', require.resolve('tsx/cjs'), 'main.ts'], { cwd: CHECKOUT, environment });
      const workspace = new TerraformWorkspace(stack, root, environment, tell);
      const lock = join(environment['CDKTF_OUTPUT'] ?? join(CHECKOUT, 'cdktf.out'), 'stacks', stack, LOCK_FILE);
      if (existsSync(lock)) copyFileSync(lock, join(workspace.folder, LOCK_FILE));
      tell('terraform init');
      await workspace.terraform(['init', '-input=false', '-no-color']);
      return await use(workspace);
    } finally {
      rmSync(root, { recursive: true, force: true });
      process.umask(umask);
      process.off('SIGINT', stay).off('SIGTERM', stay);
    }
  }

  /** Where Terraform runs. */
  get folder(): string {
    return join(this.root, 'stacks', this.stack);
  }

  /** Runs Terraform, or what TERRAFORM_BINARY_NAME names. @returns its standard output @throws InputError */
  terraform(parameters: readonly string[]): Promise<string> {
    const { TERRAFORM_BINARY_NAME: program = 'terraform' } = this.environment;
    return run(program, parameters, { cwd: this.folder, environment: this.environment });
  }

  /** Does what the last `plan` said, and nothing else. @throws InputError with Terraform's last words */
  async apply(): Promise<void> {
    this.tell('terraform apply');
    await this.terraform(['apply', '-input=false', '-no-color', '-lock-timeout=30s', join(this.root, 'plan')]);
  }

  /**
   * Plans, and reads the plan as `terraform show -json` gives it.
   * @param parameters further ones of `terraform plan`, as `-refresh-only`
   */
  async plan(parameters: readonly string[] = []): Promise<unknown> {
    this.tell('terraform plan');
    const file = join(this.root, 'plan');
    await this.terraform(['plan', '-input=false', '-no-color', '-lock-timeout=30s', `-out=${file}`, ...parameters]);
    return this.show(file);
  }

  /** A saved plan as JSON. */
  async show(file: string): Promise<unknown> {
    return JSON.parse(await this.terraform(['show', '-json', '-no-color', file])) as unknown;
  }
}

const LOCK_FILE = '.terraform.lock.hcl';

interface RunOptions {
  readonly cwd: string;
  readonly environment: Environment;
}

/** @throws InputError where the program ends with another status than 0, with its last words */
const run = async (program: string, parameters: readonly string[], options: RunOptions): Promise<string> => {
  const child = spawn(program, parameters, {
    cwd: options.cwd,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new InputError(
          `${program} can't be started: ${error.message}; install it, or set it up with \`npm run setup\``,
        ),
      );
    });
    child.once('close', resolve);
  });
  const [status, output, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status === 0) return output;
  const command = [program, ...parameters.slice(0, 2)].join(' ');
  throw new InputError(
    `${command} ended with status ${status ?? 'of a signal'}:\n${(said.trim() || output.trim()).slice(-4000)}`,
  );
};
