import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../../lab/world/command';
import type { RunRecord } from '../../lab/world/run-folder';
import type { RunResult } from '../../lab/world/running-lab';

const CHECKOUT = resolve(__dirname, '..', '..');
const STACK = join('__tests__', 'lab', 'site', 'two-nodes.json');
/** Uid and gid of nobody on every Linux. */
const NOBODY = 65534;
const UP = /the lab is up after/;

/** The checkout under a path that a normal user may walk, then that user; in mounts of its own. */
const AS_NOBODY =
  'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';

interface User {
  readonly name: string;
  readonly uid: number;
  /** Command line of a lab command, run as this user. */
  command(args: readonly string[]): readonly string[];
}

let root: string;
let manifest: string;
let work: string;
/** Foreground labs that a test has started. */
let started: ChildProcess[];

const lab = (args: readonly string[]): string[] => [
  'env',
  `GROUNDWORK_TOOLCHAIN=${manifest}`,
  `HOME=${root}`,
  process.execPath,
  '-r',
  'tsx/cjs',
  'lab/cli.ts',
  ...args,
];

const self: User = { name: 'as the user that runs the tests', uid: process.getuid?.() ?? -1, command: lab };
const nobody: User = {
  name: 'as a normal user',
  uid: NOBODY,
  command: (args) => [
    'unshare',
    '--mount',
    'sh',
    '-c',
    AS_NOBODY,
    'nobody',
    CHECKOUT,
    join(root, 'checkout'),
    ...lab(args),
  ],
};
/** A normal user can't become another one, and is one already. */
const users = self.uid === 0 ? [self, nobody] : [self];

const run = (user: User, args: readonly string[]): Promise<RunResult> => {
  const [command, ...rest] = user.command(args);
  return runCommand(command ?? '', rest, { cwd: CHECKOUT, timeoutMs: 60_000 });
};

/** Pids of every process of the lab in the work folder: all have the run's name in their environment. */
const marked = (): readonly string[] => {
  const { environment } = JSON.parse(readFileSync(join(work, 'run.json'), 'utf8')) as RunRecord;
  const run = environment?.['GROUNDWORK_RUN'];
  if (run === undefined) return [];
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GROUNDWORK_RUN=${run}\0`);
    } catch {
      return false;
    }
  });
};

/** Network namespaces that some process is in. */
const namespaces = (pids: readonly string[]): ReadonlySet<string> =>
  new Set(pids.map((pid) => readlinkSync(`/proc/${pid}/ns/net`)));

const eventually = async (what: string, check: () => boolean): Promise<void> => {
  for (let waited = 0; !check(); waited += 20) {
    if (waited > 20_000) throw new Error(`20 s have passed, and still not: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
};

/** Starts a lab in the foreground; resolves when it is up. */
const startForeground = (
  user: User,
): Promise<{ readonly child: ChildProcess; readonly ended: Promise<number | null> }> =>
  new Promise((up, fail) => {
    const [command, ...args] = user.command(['start', '--foreground', '--work', work, '--synthesized', STACK]);
    const child = spawn(command ?? '', args, { cwd: CHECKOUT, stdio: ['ignore', 'ignore', 'pipe'] });
    started.push(child);
    const ended = new Promise<number | null>((end) => child.on('close', end));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (UP.test(said)) up({ child, ended });
    });
    void ended.then(() => {
      fail(new Error(said));
    });
  });

/** Makes a VM without a disk and switches it on, by the API of the lab's Proxmox, as Terraform would. */
const POWER_ON = `
  const call = async (path, parameters) => {
    const answer = await fetch('https://pve.home.arpa:8006/api2/json/nodes/pve1/qemu' + path, {
      method: 'POST',
      headers: { Authorization: 'PVEAPIToken=' + process.env.PROXMOX_VE_API_TOKEN },
      body: new URLSearchParams(parameters),
    });
    if (!answer.ok) throw new Error(answer.status + ' ' + answer.statusText);
    await new Promise((wake) => setTimeout(wake, 300));
  };
  call('', { vmid: '1500', name: 'talos-controlplane0', net0: 'virtio,bridge=vmbr0' }).then(() => call('/1500/status/start', {}));
`;

const inLab = (user: User, ...command: readonly string[]): Promise<RunResult> =>
  run(user, ['shell', '--work', work, '--', ...command]);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'groundwork-world-'));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'checkout'));
  work = join(root, 'work');
  mkdirSync(work);
  // No program of it is run here: what a world is made of comes from the system.
  manifest = join(root, 'manifest.json');
  writeFileSync(
    manifest,
    JSON.stringify({
      binaries: { kubectl: '/usr/bin/true' },
      terraform: '/usr/bin/false',
      terraformCliConfig: '/dev/null',
      providerVersions: {},
    }),
  );
  started = [];
});
afterEach(async () => {
  // Where a test failed half-way.
  for (const child of started) child.kill('SIGKILL');
  await run(self, ['stop', '--work', work]);
  rmSync(root, { recursive: true, force: true });
});

describe.each(users)('a world $name', (user) => {
  beforeEach(() => {
    if (user.uid === NOBODY) for (const path of [root, work]) chownSync(path, NOBODY, NOBODY);
  });

  test('nothing is left of it when its starter is killed with -9', async () => {
    const { child, ended } = await startForeground(user);
    expect(await inLab(user, 'node', '-e', POWER_ON)).toMatchObject({ status: 0, stderr: '' });
    expect((await inLab(user, 'ip', 'netns', 'list')).stdout).toMatch(/^vm-1500/);
    const before = marked();
    // `unshare` and the first process inside, `unshare` and machine of the VM.
    expect(before.length).toBeGreaterThanOrEqual(4);
    const own = readlinkSync('/proc/self/ns/net');
    expect([...namespaces(before)].filter((namespace) => namespace !== own)).toHaveLength(2);
    child.kill('SIGKILL');
    await ended;
    await eventually('every process is gone', () => marked().length === 0);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain('groundwork');
    expect(readdirSync(work).sort()).toEqual(['lock', 'logs', 'run.json']);
    // The next one finds the lock of a process that is gone, and goes on.
    const next = await startForeground(user);
    next.child.kill('SIGINT');
    expect(await next.ended).toBe(130);
    expect(readdirSync(work).sort()).toEqual(['logs', 'run.json']);
    expect(marked()).toEqual([]);
  }, 120_000);

  test('is kept, entered, and stopped from outside', async () => {
    const first = await run(user, ['start', '--work', work, '--synthesized', STACK]);
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toMatch(UP);
    const again = await run(user, ['start', '--work', work, '--synthesized', STACK]);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/^error: a lab already runs in .*\/work \(process \d+\): stop it with/);

    expect(await inLab(user, 'sh', '-c', 'echo "$KUBECONFIG"; id -u; exit 7')).toMatchObject({
      status: 7,
      stdout: '/run/groundwork/kubeconfig\n0\n',
    });
    expect((await inLab(user, 'getent', 'hosts', 'example.com')).status).toBe(2);
    expect((await inLab(user, 'cat', '/etc/hosts')).stdout).toBe(
      [
        ...[
          '127.0.0.1 localhost',
          '::1 localhost',
          '192.0.2.1 pve.home.arpa',
          '192.0.2.1 pve1',
          '192.0.2.2 factory.talos.dev',
        ],
        ...['192.0.2.3 fluxcd-community.github.io', '192.0.2.3 helm.cilium.io', '192.0.2.4 discovery.talos.dev', ''],
      ].join('\n'),
    );
    const factory = "fetch('https://factory.talos.dev/versions').then(async (answer) => console.log(answer.status))";
    expect((await inLab(user, 'node', '-e', factory)).stdout).toBe('200\n');

    expect(await run(user, ['exec', '--work', work, 'controlplane0', '--', 'true'])).toMatchObject({
      status: 1,
      stderr: 'error: VM 1500 is off\n',
    });
    expect(await inLab(user, 'node', '-e', POWER_ON)).toMatchObject({ status: 0, stderr: '' });
    const inside = await run(user, [
      'exec',
      '--work',
      work,
      'controlplane0',
      '--',
      'sh',
      '-c',
      'cd /sys/class/net; echo *; cat /proc/1/comm',
    ]);
    expect(inside).toMatchObject({ status: 0, stdout: 'eth0 lo\nnode\n' });

    const stopped = await run(user, ['stop', '--work', work]);
    expect(stopped).toMatchObject({ status: 0 });
    await eventually('every process is gone', () => marked().length === 0);
    expect((await run(user, ['status', '--work', work])).stdout).toMatch(/^ended /);
    expect((await inLab(user, 'true')).stderr).toBe(
      `error: no lab runs in ${work}: start one with \`npm start -- --keep\`\n`,
    );
  }, 120_000);
});

test('what an app refuses is said in its own words, with status 1 and no trace', async () => {
  const broken = join(root, 'broken.json');
  writeFileSync(broken, '{}');
  const { status, stderr } = await run(self, ['start', '--work', work, '--synthesized', broken]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    [
      "error: stack infrastructure can't be rehearsed:",
      '  - provider proxmox has the endpoint undefined: a URL must be written in the spec',
      '  - it has no proxmox_virtual_environment_vm',
      `logs: ${join(work, 'logs')}`,
      '',
    ].join('\n'),
  );
  expect(marked()).toEqual([]);
}, 30_000);

test('a wrong command line has status 2', async () => {
  expect(await run(self, ['rehearse', '--keeep'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: "error: unknown option '--keeep'\n(Did you mean --keep?)\n",
  });
}, 30_000);
