import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDisk, writeDisk } from '../../../lab/hardware/disk';
import type { DiskImage } from '../../../lab/hardware/disk-image';
import type { VirtualHardware } from '../../../lab/hardware/hypervisor';
import type { MachineProcess, MachineProcessOptions } from '../../../lab/hypervisor/machine-process';
import { NamespaceHypervisor } from '../../../lab/hypervisor/namespace-hypervisor';
import type { CommandRunner } from '../../../lab/world/command';

/** A machine process that ends when the test says so. */
class Fake implements MachineProcess {
  readonly pid: number;
  readonly exited: Promise<{ status: number }>;
  buttonPressed = false;
  end!: (status: number) => void;

  constructor(
    readonly options: MachineProcessOptions,
    index: number,
  ) {
    this.pid = 100 + index;
    this.exited = new Promise((resolve) => {
      this.end = (status) => {
        resolve({ status });
      };
    });
  }

  async kill(): Promise<void> {
    this.end(137);
    await this.exited;
  }

  pressPowerButton(): void {
    this.buttonPressed = true;
  }
}

const IMAGE: DiskImage = {
  talosVersion: 'v1.13.9',
  schematicId: 'a'.repeat(64),
  schematic: 'customization: {}\n',
  platform: 'metal',
  arch: 'amd64',
};

let folder: string;
let boots: Fake[];
let commands: string[];
let links: Set<string>;
let failing: string | undefined;
let now: number;
let hypervisor: NamespaceHypervisor;

const run: CommandRunner = (command, args, options) => {
  commands.push([command, ...args].join(' '), ...(options?.input?.trim().split('\n') ?? []));
  const missing = args[1] === 'show' && !links.has(args[2] ?? '');
  if (args[1] === 'add') links.add(args[2] ?? '');
  const fails = missing || (failing !== undefined && options?.input?.includes(failing) === true);
  return Promise.resolve({
    status: fails ? 1 : 0,
    stdout: '',
    stderr: fails ? 'RTNETLINK answers: File exists' : '',
    seconds: 0,
  });
};

const hardware = (change: Partial<VirtualHardware> = {}): VirtualHardware => ({
  vmid: 1500,
  host: 'pve1',
  name: 'talos-controlplane0',
  uuid: '6b1f4a0e-0000-4000-8000-000000000000',
  cores: 4,
  memoryMiB: 4096,
  disks: [{ device: 'scsi0', path: join(folder, 'disk') }],
  nics: [{ mac: 'BC:24:11:00:00:01', bridge: 'vmbr0', linkDown: false }],
  agent: true,
  ...change,
});

const boot = (index: number): Fake => {
  const found = boots[index];
  if (found === undefined) throw new Error(`no boot ${index}`);
  return found;
};
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-hypervisor-'));
  boots = [];
  commands = [];
  links = new Set(['vmbr0']);
  failing = undefined;
  now = 1_000_000;
  writeDisk(join(folder, 'disk'), { sizeBytes: 1, image: IMAGE });
  hypervisor = new NamespaceHypervisor({
    folder: join(folder, 'machines'),
    logFolder: folder,
    program: ['node', 'machine.js'],
    environment: { GROUNDWORK_LAB: '/lab.json' },
    cwd: '/checkout',
    run,
    startMachine: (options) => {
      const fake = new Fake(options, boots.length);
      boots.push(fake);
      return Promise.resolve(fake);
    },
    now: () => now,
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a VM is a network namespace', () => {
  test('power-on wires it and starts its machine', async () => {
    await hypervisor.start(hardware());
    expect(commands).toEqual([
      'ip link show vmbr0',
      'ip link show vmbr0',
      'ip -batch -',
      'netns add vm-1500',
      'link add tap1500i0 type veth peer name eth0 address BC:24:11:00:00:01 netns vm-1500',
      'link set tap1500i0 master vmbr0 up',
      'ip -n vm-1500 link set lo up',
    ]);
    expect(boot(0).options).toEqual({
      vmid: 1500,
      program: [
        ...['node', 'machine.js', '--hardware', join(folder, 'machines/1500/hardware.json')],
        ...['--logs', join(folder, 'vm-1500'), '--agent-socket', join(folder, 'machines/1500/agent.sock')],
      ],
      environment: { GROUNDWORK_LAB: '/lab.json' },
      cwd: '/checkout',
      console: join(folder, 'vm-1500/console.log'),
    });
    expect(JSON.parse(readFileSync(join(folder, 'machines/1500/hardware.json'), 'utf8'))).toEqual(hardware());
    expect(readFileSync(join(folder, 'machines/1500/pid'), 'utf8')).toBe('100');
    expect([hypervisor.isRunning(1500), hypervisor.machinePid(1500), hypervisor.namespace(1500)]).toEqual([
      true,
      100,
      'vm-1500',
    ]);
  });

  test('MTU, a link that is down, a VLAN as a bridge of its own, and a second NIC', async () => {
    const nics = [
      { mac: 'BC:24:11:00:00:01', bridge: 'vmbr0', vlan: 42, mtu: 1400, linkDown: false },
      { mac: 'BC:24:11:00:00:02', bridge: 'vmbr0', mtu: 1, linkDown: true },
    ];
    await hypervisor.start(hardware({ nics }));
    expect(commands.filter((line) => !line.includes('show'))).toEqual([
      'ip link add vmbr0v42 type bridge mcast_snooping 0',
      'ip link set vmbr0v42 up',
      'ip -batch -',
      'netns add vm-1500',
      'link add tap1500i0 mtu 1400 type veth peer name eth0 address BC:24:11:00:00:01 mtu 1400 netns vm-1500',
      'link set tap1500i0 master vmbr0v42 up',
      'link add tap1500i1 type veth peer name eth1 address BC:24:11:00:00:02 netns vm-1500',
      'link set tap1500i1 master vmbr0 down',
      'ip -n vm-1500 link set lo up',
    ]);
  });

  test('a bridge that is not there is refused in words of Proxmox, and nothing stays', async () => {
    const nics = [{ mac: 'BC:24:11:00:00:01', bridge: 'vmbr9', linkDown: false }];
    await expect(hypervisor.start(hardware({ nics }))).rejects.toThrow(
      "VM 1500 can't be started: bridge 'vmbr9' does not exist",
    );
    expect(commands.slice(-3)).toEqual(['ip -force -batch -', 'link del tap1500i0', 'netns del vm-1500']);
    expect([hypervisor.isRunning(1500), boots.length]).toEqual([false, 0]);
  });

  test('what fails half-way is taken away again', async () => {
    failing = 'netns add';
    await expect(hypervisor.start(hardware())).rejects.toThrow(
      "VM 1500 can't be started: ip -batch - failed with status 1: RTNETLINK answers: File exists",
    );
    failing = undefined;
    await hypervisor.start(hardware());
  });

  test('a VM that runs is not started again', async () => {
    const both = await Promise.allSettled([hypervisor.start(hardware()), hypervisor.start(hardware())]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(hypervisor.start(hardware())).rejects.toThrow('VM 1500 already running');
    expect(hypervisor.isRunning(1500)).toBe(true);
  });
});

describe('power', () => {
  const off: number[] = [];
  beforeEach(async () => {
    off.length = 0;
    hypervisor.onPowerOff((vmid) => off.push(vmid));
    await hypervisor.start(hardware());
    commands = [];
  });

  test('a pulled plug ends every process, and its links are gone when it is reported', async () => {
    await hypervisor.stop(1500);
    expect(commands).toEqual(['ip -force -batch -', 'link del tap1500i0', 'netns del vm-1500']);
    expect([hypervisor.isRunning(1500), off]).toEqual([false, []]);
    expect(existsSync(join(folder, 'machines/1500/pid'))).toBe(false);
    await hypervisor.stop(1500);
  });

  test('exit status 0 is a machine that powered itself off', async () => {
    boot(0).end(0);
    await settled();
    expect([hypervisor.isRunning(1500), off]).toEqual([false, [1500]]);
  });

  test('exit status 75 boots it again at once, with fresh links and the same uptime', async () => {
    now += 10_000;
    boot(0).end(75);
    await settled();
    expect(commands.filter((line) => line.startsWith('netns'))).toEqual(['netns del vm-1500', 'netns add vm-1500']);
    expect([boots.length, hypervisor.machinePid(1500), hypervisor.uptime(1500), off]).toEqual([2, 101, 10, []]);
    boot(1).end(0);
    await settled();
    expect(off).toEqual([1500]);
  });

  test('a machine process that dies is a machine that is off, and the log says so', async () => {
    boot(0).end(1);
    await settled();
    expect(off).toEqual([1500]);
    expect(readFileSync(join(folder, 'hypervisor.log'), 'utf8')).toMatch(
      /VM 1500 is off: its machine process ended with status 1\n$/,
    );
  });

  test('shutdown presses the power button and waits', async () => {
    const done = hypervisor.shutdown(1500, 1_000);
    expect(boot(0).buttonPressed).toBe(true);
    boot(0).end(0);
    await expect(done).resolves.toBe(true);
    expect([hypervisor.isRunning(1500), off]).toEqual([false, []]);
  });

  test('a machine that does not hear the button runs on', async () => {
    await expect(hypervisor.shutdown(1500, 10)).resolves.toBe(false);
    expect(hypervisor.isRunning(1500)).toBe(true);
    boot(0).end(75);
    await settled();
    expect(boots).toHaveLength(2);
  });

  test('a VM that is off: nothing to stop, no uptime, no process', async () => {
    await hypervisor.stopAll();
    await expect(hypervisor.shutdown(1500, 10)).resolves.toBe(true);
    expect(hypervisor.uptime(1500)).toBe(0);
    expect(() => hypervisor.machinePid(1500)).toThrow('VM 1500 not running');
    await expect(hypervisor.setLink(1500, false)).rejects.toThrow('VM 1500 not running');
  });
});

describe('guest agent', () => {
  const answer = [
    {
      name: 'eth0',
      'hardware-address': 'bc:24:11:00:00:01',
      'ip-addresses': [{ 'ip-address': '10.0.1.1', 'ip-address-type': 'ipv4', prefix: 16 }],
    },
  ];

  test('is asked over its socket, and nobody answers before the guest has started it', async () => {
    await hypervisor.start(hardware());
    await expect(hypervisor.agentInterfaces(1500)).rejects.toThrow('QEMU guest agent is not running');
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/network-get-interfaces' ? 200 : 404).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 'machines/1500/agent.sock'), resolve));
    await expect(hypervisor.agentInterfaces(1500)).resolves.toEqual(answer);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('without a channel in the config there is no agent', async () => {
    await hypervisor.start(hardware({ agent: false }));
    await expect(hypervisor.agentInterfaces(1500)).rejects.toThrow('QEMU guest agent is not running');
  });
});

describe('faults', () => {
  test('a cut link is the host end set down', async () => {
    await hypervisor.start(hardware());
    commands = [];
    await hypervisor.setLink(1500, false);
    await hypervisor.setLink(1500, true);
    expect(commands).toEqual(['ip link set tap1500i0 down', 'ip link set tap1500i0 up']);
  });

  test('a VM that never boots runs, and nothing in it answers, until the fault is taken back', async () => {
    hypervisor.inject(1500, { kind: 'never-boots' });
    await hypervisor.start(hardware());
    expect([hypervisor.isRunning(1500), boot(0).options.program]).toEqual([true, ['sleep', 'infinity']]);
    await hypervisor.stop(1500);
    hypervisor.inject(1500, undefined);
    await hypervisor.start(hardware());
    expect(boot(1).options.program[0]).toBe('node');
  });

  test('a wrong image is in the disk when the VM boots', async () => {
    const image = { ...IMAGE, schematicId: 'b'.repeat(64) };
    hypervisor.inject(1500, { kind: 'wrong-image', image });
    await hypervisor.start(hardware());
    expect(readDisk(join(folder, 'disk'))).toEqual({ sizeBytes: 1, image });
  });
});
