import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunCommand } from '../../toolchain/command';
import { resolveToolchain } from '../../toolchain/manifest';
import type { Host } from '../../toolchain/preconditions.cjs';
import { setUp } from '../../toolchain/set-up';
import { StepError } from '../../toolchain/set-up-error';
import { REGISTRY_PROVIDERS } from '../../toolchain/versions';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();

const host: Host = {
  platform: 'linux',
  arch: 'x64',
  memory: 24 * 1024,
  freeDisk: () => 60 * 1024,
  unwritable: () => undefined,
};

const BUILD_ORDER = ['talos-config', 'etcd', 'kubernetes', 'kube-vip', 'kwok'];
const PROVIDERS = ['provider-proxmox', 'provider-talos', 'provider-helm', 'provider-kubernetes', 'provider-null'];
const MODULE_VERSIONS = { proxmox: '0.111.1', talos: '0.7.1', helm: '1.3.2', kubernetes: '1.13.4', null: '1.0.0' };
const REGISTRY_VERSIONS = { proxmox: '0.111.1', talos: '0.11.0', helm: '3.1.1', kubernetes: '2.38.0', null: '3.2.4' };

/** A machine with the commands named, a Go that builds in no time, and a registry that answers or does not. */
class FakeMachine {
  readonly built: string[] = [];
  readonly texts: string[] = [];
  registryAnswers = false;
  asked = 0;
  /** Module whose build fails, as if Ctrl-C had been pressed. */
  failing: string | undefined;

  constructor(private readonly commands: readonly string[] = ['go', 'terraform']) {
    mkdirSync(join(folder(), 'bin'), { recursive: true });
    for (const name of this.commands) {
      // Go is asked for its version by itself; all else goes through `run`.
      writeFileSync(join(folder(), 'bin', name), '#!/bin/sh\necho go version go1.26.8 linux/amd64\n');
      chmodSync(join(folder(), 'bin', name), 0o755);
    }
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: join(folder(), 'bin'), GROUNDWORK_CACHE: join(folder(), 'cache'), ...more };
  }

  readonly run: RunCommand = (command, parameters, options) => {
    const [verb] = parameters;
    switch (`${basename(command)} ${verb ?? ''}`) {
      case 'terraform version':
        return Promise.resolve({ status: 0, output: 'Terraform v1.11.4\n' });
      case 'go build':
        return Promise.resolve(this.build(basename(options?.cwd ?? ''), parameters));
      case 'terraform init':
      case 'tofu init':
        this.asked += 1;
        return Promise.resolve(this.init(options?.cwd ?? ''));
      default:
        return Promise.resolve({ status: 0, output: '' });
    }
  };

  setUp(more: NodeJS.ProcessEnv = {}): ReturnType<typeof setUp> {
    const screen = { write: (text: string) => void this.texts.push(text) };
    return setUp({ env: this.env(more), screen, run: this.run, host });
  }

  private build(module: string, parameters: readonly string[]): { status: number; output: string } {
    const draft = parameters[parameters.indexOf('-o') + 1] ?? '';
    const packages = parameters.slice(parameters.indexOf('-o') + 2);
    for (const path of packages) {
      const name = path === '.' ? module : basename(path.replace(/\/v\d+$/, ''));
      writeFileSync(join(draft, name), `${name} of ${module}`);
    }
    if (module === this.failing) return { status: 1, output: 'signal: killed\n' };
    this.built.push(module);
    return { status: 0, output: '' };
  }

  private init(cwd: string): { status: number; output: string } {
    if (!this.registryAnswers) return { status: 1, output: 'Error: could not connect to registry.terraform.io\n' };
    for (const [name, { source, version }] of Object.entries(REGISTRY_PROVIDERS)) {
      const place = join(cwd, 'data/providers/registry.terraform.io', source, version, 'linux_amd64');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `terraform-provider-${name}_v${version}_x5`), name);
    }
    return { status: 0, output: '- Installing bpg/proxmox v0.111.1...\n' };
  }
}

describe('set-up', () => {
  test('builds everything once where the registry does not answer; then it only looks', async () => {
    const machine = new FakeMachine();
    const { manifest, path } = await machine.setUp();
    expect(machine.built).toEqual([...BUILD_ORDER, ...PROVIDERS]);
    expect(manifest.providerVersions).toEqual(MODULE_VERSIONS);
    expect(manifest.terraform).toBe(join(folder(), 'bin/terraform'));
    expect(readFileSync(manifest.binaries['etcd'] ?? '', 'utf8')).toBe('server of etcd');
    expect(Object.keys(manifest.binaries).sort()).toEqual([
      'etcd',
      'etcdutl',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-vip',
      'kubectl',
      'kwok',
      'talos-config',
    ]);
    await machine.setUp();
    expect(machine.built).toHaveLength(10);
    expect(machine.asked).toBe(1);
    expect(resolveToolchain(machine.env())).toEqual({ manifest, path });
  });

  test('lays the providers out for Terraform and OpenTofu, and lets neither ask a registry', async () => {
    const { manifest } = await new FakeMachine().setUp();
    const mirror = join(manifest.terraformCliConfig, '..', 'providers');
    for (const registry of ['registry.terraform.io', 'registry.opentofu.org']) {
      const file = join(mirror, registry, 'siderolabs/talos/0.7.1/linux_amd64/terraform-provider-talos_v0.7.1');
      expect(readFileSync(file, 'utf8')).toBe('terraform-provider-talos of provider-talos');
    }
    expect(readFileSync(manifest.terraformCliConfig, 'utf8')).toBe(`disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = "${mirror}"
    include = ["*/*"]
  }
}
`);
  });

  test('takes the providers of the registry where it answers, and asks it once', async () => {
    const machine = new FakeMachine();
    machine.registryAnswers = true;
    expect((await machine.setUp()).manifest.providerVersions).toEqual(REGISTRY_VERSIONS);
    await machine.setUp();
    expect(machine.built).toEqual(BUILD_ORDER);
    expect(machine.asked).toBe(1);
  });

  test('GROUNDWORK_PROVIDERS=modules never asks the registry', async () => {
    const machine = new FakeMachine();
    machine.registryAnswers = true;
    const { manifest } = await machine.setUp({ GROUNDWORK_PROVIDERS: 'modules' });
    expect(manifest.providerVersions).toEqual(MODULE_VERSIONS);
    expect(machine.asked).toBe(0);
  });

  test('GROUNDWORK_PROVIDERS=registry fails where the registry does not answer', async () => {
    const machine = new FakeMachine();
    const attempt = machine.setUp({ GROUNDWORK_PROVIDERS: 'registry' });
    await expect(attempt).rejects.toThrow('the registry can not be reached');
    await expect(attempt).rejects.toBeInstanceOf(StepError);
    expect(machine.built).toEqual([]);
  });

  test('GROUNDWORK_PROVIDERS takes two words', async () => {
    await expect(new FakeMachine().setUp({ GROUNDWORK_PROVIDERS: 'yes' })).rejects.toThrow(
      'GROUNDWORK_PROVIDERS is "yes": registry and modules are allowed; correct or unset it',
    );
  });

  test('builds OpenTofu where there is no Terraform', async () => {
    const machine = new FakeMachine(['go']);
    const { manifest } = await machine.setUp({ GROUNDWORK_PROVIDERS: 'modules' });
    expect(machine.built).toEqual(['opentofu', ...BUILD_ORDER, ...PROVIDERS]);
    expect(manifest.terraform).toMatch(/\/cache\/artifacts\/opentofu\/[0-9a-f]{32}\/tofu$/);
  });

  test('an interrupted build leaves no artifact, and the next set-up goes on from there', async () => {
    const machine = new FakeMachine();
    machine.failing = 'kubernetes';
    await expect(machine.setUp()).rejects.toThrow('go build of kubernetes failed');
    expect(readdirSync(join(folder(), 'cache/artifacts/kubernetes'))).toEqual([]);
    expect(() => resolveToolchain(machine.env())).toThrow('run `npm run setup`');
    machine.failing = undefined;
    await machine.setUp();
    expect(machine.built).toEqual([...BUILD_ORDER, ...PROVIDERS]);
  });

  test('a damaged program is seen, and only that one is built again', async () => {
    const machine = new FakeMachine();
    const { manifest } = await machine.setUp();
    const file = manifest.binaries['kube-vip'] ?? '';
    writeFileSync(file, 'something else');
    utimesSync(file, 1, 1);
    expect(() => resolveToolchain(machine.env())).toThrow(`${file} has changed; run \`npm run setup\``);
    machine.built.length = 0;
    await machine.setUp();
    expect(machine.built).toEqual(['kube-vip']);
    rmSync(file);
    expect(() => resolveToolchain(machine.env())).toThrow(`${file} is gone; run \`npm run setup\``);
  });

  test('without Go nothing is started, and with a full cache none is needed', async () => {
    await expect(new FakeMachine(['terraform']).setUp()).rejects.toThrow("set-up can't start: 1 thing is missing");
    const machine = new FakeMachine();
    await machine.setUp();
    rmSync(join(folder(), 'bin/go'));
    await expect(machine.setUp()).resolves.toBeDefined();
  });

  test('says before it starts what it will do and what that costs', async () => {
    const machine = new FakeMachine();
    await machine.setUp({ GROUNDWORK_PROVIDERS: 'modules' });
    expect(machine.texts[0]).toBe(
      'set-up builds from source: talos-config, etcd, kubernetes, kube-vip, kwok, provider-proxmox, provider-talos, provider-helm, provider-kubernetes, provider-null\n',
    );
    expect(machine.texts[1]).toMatch(/^about \d+ min once on \d+ cores; needs \d\.\d GiB of disk /);
    expect(machine.texts[2]).toMatch(/^\[1\/10\] build talos-config \(about \d+ s\): Talos' own validation/);
  });
});
