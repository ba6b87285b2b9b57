import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cacheFolder,
  compareVersions,
  describeProblems,
  findEarlyProblems,
  findProblems,
  nodeProblem,
  thisHost,
  type Host,
  type Plan,
} from '../../toolchain/preconditions.cjs';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();

const goodHost: Host = {
  platform: 'linux',
  arch: 'x64',
  memory: 24 * 1024,
  freeDisk: () => 60 * 1024,
  unwritable: () => undefined,
};
const goodPlan: Plan = {
  cache: '/home/alice/.cache/groundwork',
  go: { path: '/usr/local/go/bin/go', version: '1.27.0' },
  build: { names: ['talos-config', 'etcd'], minimumGo: '1.26.8', mebibytes: 1126 },
};
const NO_GO =
  'Go is not on the PATH, and talos-config, etcd must be built from source: install Go 1.26.8 or newer (https://go.dev/dl) and put it on the PATH';

describe('preconditions', () => {
  test('a good machine has no problem', () => expect(findProblems(goodPlan, goodHost)).toEqual([]));

  test('all problems are told at once, each with what is allowed and the fix', () => {
    const host: Host = {
      platform: 'darwin',
      arch: 'riscv64',
      memory: 2048,
      freeDisk: () => 512,
      unwritable: () => 'EACCES: permission denied',
    };
    const terraform = ['/opt/tf is Terraform 1.5.7: 1.11.0 or newer is needed'];
    const problems = findProblems({ ...goodPlan, terraform, go: { path: '/usr/bin/go', version: '1.22.1' } }, host);
    expect(problems).toEqual([
      'this is darwin: network namespaces exist on Linux only; use a Linux machine or VM',
      'the processor is riscv64: x64 and arm64 are supported',
      "the cache folder /home/alice/.cache/groundwork can't be written to: EACCES: permission denied; set GROUNDWORK_CACHE to one that can",
      '/opt/tf is Terraform 1.5.7: 1.11.0 or newer is needed; correct or unset TERRAFORM_BINARY_NAME',
      '/usr/bin/go is Go 1.22.1, and talos-config, etcd must be built from source: install Go 1.26.8 or newer (https://go.dev/dl) and put it on the PATH',
      '0.5 GiB of disk are free at /home/alice/.cache/groundwork: 1.1 GiB are needed; free some, or set GROUNDWORK_CACHE, GOCACHE and GOMODCACHE to another disk',
      'this machine has 2.0 GiB of memory: building needs 3.5 GiB; give it more',
    ]);
    expect(describeProblems(problems)).toContain("set-up can't start: 7 things are missing\n  - this is darwin");
  });

  test('without Go there is one problem, which names what must be built', () => {
    const problems = findProblems({ ...goodPlan, go: undefined }, goodHost);
    expect(problems).toEqual([NO_GO]);
    expect(describeProblems(problems)).toBe(`set-up can't start: 1 thing is missing\n  - ${NO_GO}`);
  });

  test('where nothing is to be built, neither Go nor disk nor memory is asked for', () => {
    const host = { ...goodHost, memory: 1024, freeDisk: () => 10 };
    expect(findProblems({ cache: '/c' }, host)).toEqual([]);
  });

  test('a folder that is not there yet is looked at where it will be', () => {
    expect(thisHost().unwritable(join(folder(), 'not', 'yet'))).toBeUndefined();
    expect(thisHost().freeDisk(join(folder(), 'not', 'yet'))).toBeGreaterThan(0);
  });
});

describe('before the npm packages are there', () => {
  const root = join(__dirname, '..', '..');
  const env = (): NodeJS.ProcessEnv => ({ PATH: join(folder(), 'bin'), GROUNDWORK_CACHE: join(folder(), 'cache') });
  const placeGo = (version: string): void => {
    const go = join(folder(), 'bin', 'go');
    mkdirSync(join(folder(), 'bin'));
    writeFileSync(go, `#!/bin/sh\necho go version go${version} linux/amd64\n`);
    chmodSync(go, 0o755);
  };

  test('an empty cache asks for Go', () => {
    expect(findEarlyProblems(root, env(), goodHost)).toEqual([
      'Go is not on the PATH, and etcd, kube-vip, kubernetes, kwok, talos-config must be built from source: install Go 1.26.8 or newer (https://go.dev/dl) and put it on the PATH',
    ]);
  });

  test('a Go that is new enough will do, an older one is named', () => {
    placeGo('1.26.8');
    expect(findEarlyProblems(root, env(), goodHost)).toEqual([]);
    cpSync(join(root, 'toolchain/modules'), join(folder(), 'toolchain/modules'), { recursive: true });
    writeFileSync(join(folder(), 'toolchain/modules/etcd/go.mod'), 'module x\n\ngo 1.30.1\n');
    expect(findEarlyProblems(folder(), env(), goodHost)[0]).toMatch(
      /bin\/go is Go 1\.26\.8, and .* install Go 1\.30\.1 or newer/,
    );
  });

  test('a cache with a toolchain is left to the set-up itself', () => {
    mkdirSync(join(folder(), 'cache', 'toolchains', 'some'), { recursive: true });
    expect(findEarlyProblems(root, env(), goodHost)).toEqual([]);
  });
});

describe('cache folder', () => {
  test('is where GROUNDWORK_CACHE, XDG_CACHE_HOME or HOME puts it, in this order', () => {
    expect(cacheFolder({ GROUNDWORK_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' })).toBe('/a');
    expect(cacheFolder({ XDG_CACHE_HOME: '/b', HOME: '/c' })).toBe('/b/groundwork');
    expect(cacheFolder({ HOME: '/c' })).toBe('/c/.cache/groundwork');
  });
});

describe('Node', () => {
  test.each(['20.20.0', '20.20.2', '21.7.3', '22.22.1'])('%s will do', (version) =>
    expect(nodeProblem(version, '>=20.20 <23')).toBeUndefined(),
  );

  test.each(['18.19.0', '20.9.0', '20.19.5', '23.0.0', '24.11.0'])('%s is refused with what is allowed', (version) =>
    expect(nodeProblem(version, '>=20.20 <23')).toBe(
      `this is Node ${version}: >=20.20 <23 is needed (the terminal library of cdktf-cli is built for these); install one, as with \`nvm install 22\``,
    ),
  );
});

describe('versions', () => {
  test.each([
    ['1.26.8', '1.26.8', 0],
    ['1.26', '1.26.8', -8],
    ['v1.35.0', '1.9.9', 26],
    ['1.11.0-rc1', '1.11.0', 0],
  ])('%s against %s is %i', (left, right, order) => expect(compareVersions(left, right)).toBe(order));
});
