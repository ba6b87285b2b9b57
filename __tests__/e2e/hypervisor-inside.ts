import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { VirtualHardware } from '../../lab/hardware/hypervisor';
import { NamespaceHypervisor } from '../../lab/hypervisor/namespace-hypervisor';
import { mustRun, runCommand } from '../../lab/world/command';

/** Plays a machine: addresses eth0 as its disk's folder is named, keeps a child, and does what a file asks it to. */
const MACHINE = `
  trap 'exit 0' TERM
  address=10.0.0.$(grep -o '"vmid":[0-9]*' "$2" | cut -d: -f2)
  ip addr add $address/16 dev eth0; ip link set eth0 up
  sleep 1000 & echo booted
  while :; do [ -e "$0" ] && { status=$(cat "$0"); rm "$0"; exit $status; }; sleep 0.02; done
`;

const WORK = '/run/work';
const order = (vmid: number): string => join(WORK, `order-${vmid}`);

const hardware = (vmid: number): VirtualHardware => ({
  vmid,
  host: 'pve1',
  name: `vm${vmid}`,
  uuid: '',
  cores: 1,
  memoryMiB: 512,
  disks: [],
  nics: [{ mac: `BC:24:11:00:00:0${vmid}`, bridge: 'vmbr0', linkDown: false }],
  agent: false,
});

const lines = async (command: string, ...args: readonly string[]): Promise<string[]> =>
  (await mustRun(runCommand, command, args)).stdout.split('\n').filter((line) => line !== '');

const answers = async (vmid: number, port = 9): Promise<boolean> => {
  // A closed port is refused by whoever holds the address; where nobody does, the attempt times out.
  const probe = `require('net').connect({host:'10.0.0.${vmid}',port:${port},timeout:600}).on('error',(e)=>process.exit(e.code==='ECONNREFUSED'?0:1)).on('timeout',()=>process.exit(1))`;
  return (await runCommand(process.execPath, ['-e', probe])).status === 0;
};

const until = async (check: () => Promise<boolean>): Promise<boolean> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await check()) return true;
    await after(20);
  }
  return false;
};

const processes = (): number => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;

/** Runs in namespaces of its own, and prints what it saw as JSON. */
const main = async (): Promise<void> => {
  await mustRun(runCommand, 'mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync(WORK);
  const batch = 'link set lo up\nlink add vmbr0 type bridge\nlink set vmbr0 up\naddr add 10.0.255.1/16 dev vmbr0\n';
  await mustRun(runCommand, 'ip', ['-batch', '-'], { input: batch });
  const off: number[] = [];
  const hypervisorOf = (vmid: number): NamespaceHypervisor => {
    const hypervisor = new NamespaceHypervisor({
      ...{
        folder: join(WORK, 'machines'),
        logFolder: WORK,
        environment: { PATH: process.env['PATH'] ?? '' },
        cwd: '/',
      },
      program: ['sh', '-c', MACHINE, order(vmid)],
      run: runCommand,
    });
    hypervisor.onPowerOff((number) => off.push(number));
    return hypervisor;
  };
  const [one, two] = [hypervisorOf(1), hypervisorOf(2)];
  const before = processes();
  const started = performance.now();
  await Promise.all([one.start(hardware(1)), two.start(hardware(2))]);
  const startMs = performance.now() - started;
  const seen: Record<string, unknown> = { startMs };
  seen['both answer'] = await until(async () => (await answers(1)) && (await answers(2)));
  await one.setLink(1, false);
  seen['a cut link is silent'] = !(await answers(1));
  await one.setLink(1, true);
  seen['a joined link answers'] = await until(() => answers(1));
  const first = one.machinePid(1);
  await runCommand('sh', ['-c', `echo 75 > ${order(1)}`]);
  seen['reboots by itself'] =
    (await until(() => Promise.resolve(one.machinePid(1) !== first))) && (await until(() => answers(1)));
  await one.stop(1);
  seen['namespaces after a stop'] = (await lines('ip', 'netns', 'list')).map((line) => line.split(' ')[0]);
  seen['links after a stop'] = (await lines('ip', '-o', 'link')).map((line) => line.split(/[:@ ]+/)[1]);
  seen['starts again'] = await one.start(hardware(1)).then(() => until(() => answers(1)));
  seen['shuts down'] = await one.shutdown(1, 5_000);
  await runCommand('sh', ['-c', `echo 0 > ${order(2)}`]);
  await until(() => Promise.resolve(off.length > 0));
  seen['powered itself off'] = off;
  seen['namespaces at the end'] = await lines('ip', 'netns', 'list');
  seen['processes left'] = processes() - before;
  process.stdout.write(JSON.stringify(seen));
};

void main();
