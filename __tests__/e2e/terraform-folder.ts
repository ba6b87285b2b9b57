import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveToolchain } from '../../toolchain/manifest';

const execute = promisify(execFile);

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

  program(name: string): string {
    const path = this.toolchain.binaries[name];
    if (path === undefined) throw new Error(`the toolchain has no ${name}`);
    return path;
  }

  /** Standard output. @throws Error with standard error where Terraform fails */
  async terraform(folder: string, ...words: readonly string[]): Promise<string> {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.path,
      TF_CLI_CONFIG_FILE: this.toolchain.terraformCliConfig,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
    };
    const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
    return (await execute(this.toolchain.terraform, [...words, '-no-color'], options)).stdout;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
