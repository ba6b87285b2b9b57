import { readGoModule } from '../../toolchain/go-module';
import { demandNone, findProblems, type Host, type Plan } from '../../toolchain/preconditions';
import { LAB_PROGRAMS } from '../../toolchain/programs';
import { SetUpError } from '../../toolchain/set-up-error';

const goodHost: Host = {
  platform: 'linux',
  arch: 'x64',
  memory: 24 * 1024,
  freeDisk: () => 60 * 1024,
  unwritable: () => undefined,
};
const goodPlan: Plan = {
  cache: '/home/alice/.cache/groundwork',
  go: { command: ['/usr/local/go/bin/go'], version: '1.27.0' },
  terraform: { refused: [], named: false },
  builds: LAB_PROGRAMS.slice(0, 2).map((program) => readGoModule(program)),
};

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
    const terraform = { named: true, refused: ['/opt/tf is Terraform 1.5.7: 1.11.0 or newer is needed'] };
    const problems = findProblems(
      {
        ...goodPlan,
        terraform,
        go: { command: ['/usr/bin/setpriv', '--pdeathsig', 'INT', '--', '/usr/bin/go'], version: '1.22.1' },
      },
      host,
    );
    const built = goodPlan.builds.reduce((sum, { program }) => sum + program.mebibytes, 0);
    expect(problems).toEqual([
      'this is darwin: network namespaces exist on Linux only; use a Linux machine or VM',
      'the processor is riscv64: x64 and arm64 are supported',
      "the cache folder /home/alice/.cache/groundwork can't be written to: EACCES: permission denied; set GROUNDWORK_CACHE to one that can",
      '/opt/tf is Terraform 1.5.7: 1.11.0 or newer is needed; correct or unset TERRAFORM_BINARY_NAME',
      '/usr/bin/go is Go 1.22.1, and talos-config, etcd must be built from source: install Go 1.26.8 or newer (https://go.dev/dl) and put it on the PATH',
      `0.5 GiB of disk are free at /home/alice/.cache/groundwork: ${(built / 1024).toFixed(1)} GiB are needed; free some, or set GROUNDWORK_CACHE, GOCACHE and GOMODCACHE to another disk`,
      'this machine has 2.0 GiB of memory: building needs 3.0 GiB; give it more',
    ]);
    expect(() => demandNone(problems)).toThrow(SetUpError);
    expect(() => demandNone(problems)).toThrow("set-up can't start: 7 things are missing\n  - this is darwin");
  });

  test('without Go there is one problem, which names what must be built', () => {
    expect(findProblems({ ...goodPlan, go: undefined }, goodHost)).toEqual([
      'Go is not on the PATH, and talos-config, etcd must be built from source: install Go 1.26.8 or newer (https://go.dev/dl) and put it on the PATH',
    ]);
  });

  test('where the cache holds everything, neither Go nor disk nor memory is asked for', () => {
    const host = { ...goodHost, memory: 1024, freeDisk: () => 10 };
    expect(findProblems({ ...goodPlan, go: undefined, builds: [] }, host)).toEqual([]);
  });

  test('a Terraform on the PATH that is too old is no problem: another is built', () => {
    const terraform = { named: false, refused: ['/usr/bin/terraform is Terraform 1.5.7: 1.11.0 or newer is needed'] };
    expect(findProblems({ ...goodPlan, terraform }, goodHost)).toEqual([]);
  });
});
