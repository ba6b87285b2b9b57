import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { NodeServiceError, type NodeService, type NodeServices } from '../../../lab/control-plane/node-services';
import { systemClock } from '../../../lab/durations/clock';
import { PROFILES } from '../../../lab/durations/durations';
import { writeDisk } from '../../../lab/hardware/disk';
import { allMethods } from '../../../lab/machine/api/methods';
import type { Verdict } from '../../../lab/machine/config-validator';
import { GuestAgent } from '../../../lab/machine/guest-agent';
import { Machine, type MachineInput } from '../../../lab/machine/machine';
import { MachineNetwork, type IpInterface, type RunIp } from '../../../lab/machine/network/machine-network';

export const NET_IFNAMES = `    extraKernelArgs:
        - net.ifnames=0
`;

/** A schematic whose META key 10 gives eth0 this address. */
export const schematicFor = (cidr: string, hostname: string, kernelArgs = NET_IFNAMES): string => `customization:
${kernelArgs}    meta:
        - key: 10
          value: |
            addresses:
              - address: ${cidr}
                linkName: eth0
                family: inet4
                scope: global
                flags: permanent
                layer: platform
            hostnames:
              - hostname: ${hostname}
                domainname: ""
                layer: platform
    systemExtensions:
        officialExtensions:
            - siderolabs/qemu-guest-agent
`;

const healthy = (id: string): NodeService => ({
  id,
  state: 'Running',
  health: { unknown: false, healthy: true, message: '' },
  events: [{ message: 'Started', state: 'Running', at: new Date(0) }],
});

/** Services of a node that only remember what was asked of them. */
export class FakeServices implements NodeServices {
  readonly calls: string[] = [];
  bootstrapped = false;
  leaveFault: Error | undefined;

  start(): Promise<void> {
    this.calls.push('start');
    return Promise.resolve();
  }
  stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }
  bootstrap(options: { recoverEtcd: boolean; recoverSkipHashCheck: boolean }): Promise<void> {
    this.calls.push(`bootstrap ${JSON.stringify(options)}`);
    if (this.bootstrapped)
      return Promise.reject(new NodeServiceError('ALREADY_EXISTS', 'etcd data directory is not empty'));
    this.bootstrapped = true;
    return Promise.resolve();
  }
  services(): readonly NodeService[] {
    return [healthy('cri'), healthy('kubelet'), ...(this.bootstrapped ? [healthy('etcd')] : [])];
  }
  kubeconfig(): string {
    return 'apiVersion: v1\nkind: Config\n';
  }
  etcdMembers(): ReturnType<NodeServices['etcdMembers']> {
    const urls = { peerUrls: ['https://10.0.1.1:2380'], clientUrls: ['https://10.0.1.1:2379'] };
    return Promise.resolve([{ id: 17894563214568795412n, hostname: 'controlplane0', ...urls, isLearner: false }]);
  }
  etcdAlarms(): ReturnType<NodeServices['etcdAlarms']> {
    return Promise.resolve([{ memberId: 17894563214568795412n, alarm: 'NOSPACE' }]);
  }
  etcdForfeitLeadership(): Promise<string> {
    this.calls.push('forfeit leadership');
    return Promise.resolve('controlplane1');
  }
  etcdLeave(): Promise<void> {
    this.calls.push('leave');
    return this.leaveFault === undefined ? Promise.resolve() : Promise.reject(this.leaveFault);
  }
  etcdRemoveMember(id: bigint): Promise<void> {
    this.calls.push(`remove ${String(id)}`);
    return Promise.resolve();
  }
  etcdSnapshot(): Promise<Readable> {
    return Promise.resolve(Readable.from([Buffer.from('snap'), Buffer.from('shot')]));
  }
  staticPods(): readonly string[] {
    return ['kube-system/kube-apiserver-controlplane0'];
  }
}

export interface RehearsedMachineOptions {
  /** Loopback address that it has and listens on. */
  readonly address: string;
  readonly hostname?: string;
  readonly talosVersion?: string;
  readonly schematic?: string;
  readonly platform?: string;
  readonly agentInMaintenance?: boolean;
  /** @default 'amd64' */
  readonly architecture?: 'amd64' | 'arm64';
  /** @default false */
  readonly tpm?: boolean;
  /** Default: everything is accepted. */
  readonly validate?: (yaml: string) => Verdict;
  /** Disk of an earlier machine: what a reboot finds. */
  readonly disk?: string;
  readonly exchange?: MachineInput['exchange'];
}

const interfaces = (address: string): readonly IpInterface[] => [
  {
    ifname: 'lo',
    link_type: 'loopback',
    address: '00:00:00:00:00:00',
    addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }],
  },
  {
    ifname: 'eth0',
    link_type: 'ether',
    address: 'BC:24:11:00:00:01',
    addr_info: [{ family: 'inet', local: address, prefixlen: 16 }],
  },
];

/** A machine on a loopback address, with everything outside of its process played. */
export class RehearsedMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'machine-'));
  readonly disk: string;
  readonly services = new FakeServices();
  readonly log: string[] = [];
  /** Each batch that was given to `ip`, line by line. */
  readonly ipCommands: string[] = [];
  readonly exits: number[] = [];
  readonly machine: Machine;
  readonly agentSocket = join(this.folder, 'agent.sock');

  constructor(readonly options: RehearsedMachineOptions) {
    const { address, hostname = 'controlplane0', talosVersion = 'v1.13.9', platform = 'metal' } = options;
    this.disk = options.disk ?? join(this.folder, 'disk');
    const schematic = options.schematic ?? schematicFor(`${address}/8`, hostname);
    const image = { talosVersion, schematicId: 'ab'.repeat(32), schematic, platform, arch: 'amd64' } as const;
    if (options.disk === undefined) writeDisk(this.disk, { sizeBytes: 40 * 2 ** 30, image });
    const log = (line: string): void => void this.log.push(line);
    const ip: RunIp = (args, input = '') => {
      if (args[0] === '-j') return Promise.resolve(JSON.stringify(interfaces(address)));
      this.ipCommands.push(...input.trimEnd().split('\n'));
      return Promise.resolve('');
    };
    const network = new MachineNetwork(ip, log);
    this.machine = new Machine({
      hardware: {
        ...{ vmid: 1500, host: 'pve1', name: `talos-${hostname}`, uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6' },
        ...{ cores: 4, memoryMiB: 4096, nics: [], agent: true, disks: [{ device: 'scsi0', path: this.disk }] },
        ...(options.architecture !== undefined && { architecture: options.architecture }),
        ...(options.tpm !== undefined && { tpm: options.tpm }),
      },
      settings: {
        durations: PROFILES.instant,
        discoveryUrl: 'https://discovery.talos.dev',
        caFile: undefined,
        agentInMaintenance: options.agentInMaintenance ?? true,
      },
      binaries: {},
      logPath: this.folder,
      network,
      agent: new GuestAgent(this.agentSocket, () => network.interfaces()),
      validate: (yaml) => Promise.resolve(options.validate?.(yaml) ?? { error: '', warnings: [] }),
      loadNodeServices: () => () => this.services,
      exchange: options.exchange ?? (() => Promise.reject(new Error('no discovery here'))),
      clock: systemClock,
      timeServer: Date.now,
      listen: address,
      handlers: allMethods,
      log,
      exit: (status) => void this.exits.push(status),
    });
  }

  /** Resolves when the machine has ended, with its exit status. */
  async ended(): Promise<number> {
    for (let waited = 0; this.exits.length === 0 && waited < 5000; waited += 10) await systemClock.sleep(10);
    return this.exits[0] ?? -1;
  }
  async close(): Promise<void> {
    await this.machine.stopServices();
    await this.machine.close();
    if (this.options.disk === undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}
