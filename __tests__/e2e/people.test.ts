import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackages } from './debian-packages';

const CHECKOUT = join(__dirname, '..', '..');
/** The first run fetches the programs. */
jest.setTimeout(300_000);

const debian = debianPackages('debian-people', ['nix-bin', 'direnv', 'shellcheck']);

const run = (
  program: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(join(debian.root, 'usr/bin', program), parameters, {
    cwd: CHECKOUT,
    encoding: 'utf8',
    env: { ...debian.environment, ...environment },
  });
  return { status, stdout, stderr };
};

describe('T-21 what a person has at the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-people-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const shell = (talosctl: string): unknown => {
    const stub = join(__dirname, 'nixpkgs.nix');
    const expression = `import ${CHECKOUT}/shell.nix { pkgs = import ${stub} { talosctl = "${talosctl}"; }; }`;
    const parameters = ['--store', 'dummy://', '--eval', '--strict', '--json', '--expr', expression];
    const { status, stdout, stderr } = run('nix-instantiate', parameters, { HOME: folder, NIX_STATE_DIR: folder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  test('shell.nix brings the clients, and where they find the cluster', () => {
    expect(shell('1.13.2')).toEqual({
      packages: ['nodejs_22', 'go', 'opentofu', 'kubectl', 'talosctl', 'fluxcd', 'kubernetes-helm', 'kubeseal'],
      KUBECONFIG: join(CHECKOUT, 'kubeconfig'),
      TALOSCONFIG: join(CHECKOUT, 'talosconfig'),
      TERRAFORM_BINARY_NAME: 'tofu',
      shellHook: '',
    });
  });

  test('shell.nix says where talosctl is of another minor than Talos', () => {
    expect(shell('1.12.4')).toMatchObject({
      shellHook: "echo 'talosctl of nixpkgs is 1.12, the cluster runs Talos 1.13: take a nixpkgs that has 1.13' >&2",
    });
  });

  test('.envrc tells clients where the cluster is, by direnv', () => {
    const environment = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, PATH: '/usr/bin:/bin' };
    const envrc = join(folder, '.envrc');
    writeFileSync(envrc, readFileSync(join(CHECKOUT, '.envrc')));
    expect(run('direnv', ['exec', folder, 'true'], environment)).toMatchObject({ status: 1 });
    expect(run('direnv', ['allow', folder], environment)).toMatchObject({ status: 0 });
    const { status, stdout } = run('direnv', ['exec', folder, 'env'], environment);
    expect(status).toBe(0);
    expect(
      stdout
        .split('\n')
        .filter((line) => /^(KUBECONFIG|TALOSCONFIG)=/.test(line))
        .sort(),
    ).toEqual([`KUBECONFIG=${folder}/kubeconfig`, `TALOSCONFIG=${folder}/talosconfig`]);
  });

  test('.envrc brings what shell.nix has, where there is nix', () => {
    const there = join(folder, 'with-nix');
    const place = (name: string): string => join(there, name);
    mkdirSync(place('modules/model'), { recursive: true });
    mkdirSync(place('stdenv'));
    for (const file of ['.envrc', 'shell.nix', 'modules/model/versions.ts'])
      writeFileSync(place(file), readFileSync(join(CHECKOUT, file)));
    writeFileSync(place('stdenv/setup'), 'export PATH=/of-the-packages/bin\n');
    const environment = {
      ...{ HOME: there, XDG_DATA_HOME: there, XDG_CONFIG_HOME: there, XDG_CACHE_HOME: there },
      ...{ NIX_STORE_DIR: place('store'), NIX_STATE_DIR: place('state'), NIX_LOG_DIR: place('log') },
      ...{ NIX_CONF_DIR: place('conf'), NIX_REMOTE: '', NIX_PATH: `nixpkgs=${join(__dirname, 'nix-shell.nix')}` },
      // Else the one of nixpkgs, which would be built
      NIX_BUILD_SHELL: '/bin/bash',
      STDENV: place('stdenv'),
      PATH: `${join(debian.root, 'usr/bin')}:/usr/bin:/bin`,
    };
    expect(run('direnv', ['allow', there], environment)).toMatchObject({ status: 0 });
    const { status, stdout, stderr } = run('direnv', ['exec', there, 'env'], environment);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('direnv: using nix') as string });
    const lines = stdout.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'TERRAFORM_BINARY_NAME=tofu',
        'packages=nodejs_22 go opentofu kubectl talosctl fluxcd kubernetes-helm kubeseal',
        `KUBECONFIG=${place('kubeconfig')}`,
        `TALOSCONFIG=${place('talosconfig')}`,
      ]),
    );
    expect(lines.find((line) => line.startsWith('PATH='))).toContain('/of-the-packages/bin');
  });

  test('T-23 shellcheck has nothing to say of the shell scripts', () => {
    const scripts = readdirSync(join(CHECKOUT, '.ci'))
      .map((name) => join('.ci', name))
      .filter((file) => readFileSync(join(CHECKOUT, file), 'utf8').startsWith('#!/usr/bin/env bash'));
    expect(scripts.length).toBeGreaterThan(2);
    expect(run('shellcheck', ['--severity=style', ...scripts])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(run('shellcheck', ['--shell=bash', '.envrc'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
