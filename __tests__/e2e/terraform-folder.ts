import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveToolchain } from '../../toolchain/manifest';

const execute = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

/** A folder of its own in which the real Terraform runs with the real providers; no network. */
export class TerraformFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'groundwork-terraform-'));
  private readonly toolchain = resolveToolchain().manifest;

  /** As `GROUNDWORK_PROVIDER_VERSIONS` wants it. */
  get providerVersions(): string {
    return Object.entries(this.toolchain.providerVersions)
      .map(([name, version]) => `${name}=${version}`)
      .join(',');
  }

  /** For commands of the product that synthesize it: the providers that are here. */
  get product(): Environment {
    return { GROUNDWORK_PROVIDER_VERSIONS: this.providerVersions };
  }

  program(name: string): string {
    const path = this.toolchain.binaries[name];
    if (path === undefined) throw new Error(`the toolchain has no ${name}`);
    return path;
  }

  /** Terraform as a process takes it: program, parameters, where it runs. */
  command(folder: string, words: readonly string[], more: Environment = {}) {
    const environment: Environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.path,
      TF_CLI_CONFIG_FILE: this.toolchain.terraformCliConfig,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      ...more,
    };
    // Behind the command, and before what may stand as it is, as a lock's id.
    const command = words[0] === 'state' ? 2 : 1;
    const parameters = [...words.slice(0, command), '-no-color', ...words.slice(command)];
    return [this.toolchain.terraform, parameters, { cwd: folder, env: environment }] as const;
  }

  /** The environment of cdktf, which runs this Terraform. */
  cdktf(more: Environment = {}): Environment {
    const [program, , { env }] = this.command(this.path, [], more);
    return {
      ...env,
      TERRAFORM_BINARY_NAME: program,
      CI: 'true', // no question about crash reports
      CDKTF_SKIP_PROVIDER_LOCK: 'true', // `terraform providers lock` would go out
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: 'true',
      CDKTF_HOME: join(this.path, '.cdktf'),
      CDKTF_LOG_FILE_DIRECTORY: this.path,
    };
  }

  /** Standard output. @throws Error with standard error where Terraform fails */
  async terraform(folder: string, words: readonly string[], more: Environment = {}): Promise<string> {
    const [program, parameters, options] = this.command(folder, words, more);
    return (await execute(program, parameters, { ...options, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
