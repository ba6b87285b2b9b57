import { App } from 'cdktf';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { providerVersions } from '../../modules/providers/provider-versions';
import { InfrastructureStack } from '../../stacks/infrastructure-stack';
import { type DataCentre, dataCentre, ROOT_TOKEN } from '../lab/proxmox/data-centre';
import { TerraformFolder } from './terraform-folder';

type Named = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Json {
  readonly terraform: { readonly required_providers: Readonly<Record<string, unknown>> };
  readonly provider: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly resource: Readonly<Record<string, Named>>;
  readonly data: Readonly<Record<string, Named>>;
}

const ofProxmox = <Value>(kinds: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(kinds).filter(([type]) => type.startsWith('proxmox_')));

/**
 * Of a synthesized cluster all that the Proxmox provider makes, deployed by the real Terraform and provider to the simulated
 * Proxmox in this process, whose VMs are on and off and nothing more. It needs no namespaces, and seconds.
 */
export class ProxmoxPart {
  private readonly folder = new TerraformFolder();
  private constructor(readonly centre: DataCentre) {}

  static async start(plan: ClusterPlan): Promise<ProxmoxPart> {
    const part = new ProxmoxPart(await dataCentre({ hosts: [{ name: 'atlas', address: '127.0.0.1' }] }));
    part.synthesize(plan);
    await part.folder.terraform(part.stack, ['init', '-input=false']);
    return part;
  }

  private get stack(): string {
    return join(this.folder.path, 'out', 'stacks', 'infrastructure');
  }

  private synthesize(plan: ClusterPlan): void {
    const app = new App({ outdir: join(this.folder.path, 'out') });
    const versions = providerVersions(this.folder.providerVersions);
    new InfrastructureStack(app, { plan, providerVersions: versions, stateDirectory: this.folder.path });
    app.synth();
    const file = join(this.stack, 'cdk.tf.json');
    const { terraform, provider, resource, data } = JSON.parse(readFileSync(file, 'utf8')) as Json;
    const resources = ofProxmox(resource);
    // What waits for the schematic, which another provider makes, need not wait here.
    const freed = Object.entries(resources).map(([type, named]) => [
      type,
      Object.fromEntries(Object.entries(named).map(([name, body]) => [name, { ...body, depends_on: undefined }])),
    ]);
    const [settings] = provider['proxmox'] ?? [];
    const json = {
      terraform: { ...terraform, required_providers: { proxmox: terraform.required_providers['proxmox'] } },
      provider: { proxmox: [{ ...settings, endpoint: this.centre.proxmox.url, insecure: true }] },
      resource: Object.fromEntries(freed) as object,
      data: ofProxmox(data),
    };
    writeFileSync(file, JSON.stringify(json));
  }

  /** @throws Error with Terraform's words in `stderr` */
  terraform(...words: readonly string[]): Promise<string> {
    return this.folder.terraform(this.stack, words, { PROXMOX_VE_API_TOKEN: ROOT_TOKEN });
  }

  async apply(): Promise<void> {
    await this.terraform('apply', '-input=false', '-auto-approve');
    await this.centre.proxmox.idle();
  }

  /** Everything that Proxmox has. */
  inventory(): readonly string[] {
    const { vms, disks, images } = this.centre.proxmox.snapshot();
    const machines = vms.map(({ vmid, name, status }) => `${vmid} ${name} ${status}`);
    return [...machines, ...[...disks, ...images].map(({ volid }) => volid)].sort();
  }

  /** Kills Terraform and its provider after so many calls of Proxmox. @returns false where the deploy ended before */
  async killAfter(calls: number): Promise<boolean> {
    const { requests } = this.centre.proxmox;
    const limit = requests.length + calls;
    const [program, parameters, options] = this.folder.command(this.stack, ['apply', '-input=false', '-auto-approve'], {
      PROXMOX_VE_API_TOKEN: ROOT_TOKEN,
    });
    const deploy = spawn(program, parameters, { ...options, stdio: 'ignore', detached: true });
    const closed = once(deploy, 'close');
    while (this.centre.proxmox.requests.length < limit && deploy.exitCode === null) await sleep(1);
    const killed = deploy.exitCode === null;
    if (killed) process.kill(-(deploy.pid ?? NaN), 'SIGKILL');
    await closed;
    await this.centre.proxmox.idle();
    return killed;
  }

  async stop(): Promise<void> {
    await this.centre.close();
    this.folder.remove();
  }
}
