import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Site } from '../../../lab/site/site';
import type { LabHypervisor, RunningLab, RunResult } from '../../../lab/world/running-lab';
import { selfSigned } from '../../setup/certificate';

/** Two control planes and a worker, and two charts. */
export const SITE: Site = {
  stack: 'infrastructure',
  proxmox: {
    endpoint: 'https://atlas:8006',
    host: 'atlas',
    port: 8006,
    hosts: ['atlas'],
    storages: [],
    bridges: ['vmbr0'],
    pools: [],
    pciMappings: [],
    highAvailability: false,
  },
  imageFactories: [],
  chartRepositories: [
    { url: 'https://helm.cilium.io', host: 'helm.cilium.io', charts: [{ name: 'cilium', version: '1.19.6' }] },
  ],
  discovery: 'https://discovery.talos.dev',
  network: { bridge: 'vmbr0', gateway: '10.0.0.1', prefix: 16 },
  nodes: [
    {
      name: 'controlplane0',
      vmid: 1500,
      vmName: 'talos-controlplane0',
      host: 'atlas',
      address: '10.0.1.1',
      role: 'controlplane',
    },
    {
      name: 'controlplane1',
      vmid: 1501,
      vmName: 'talos-controlplane1',
      host: 'atlas',
      address: '10.0.1.2',
      role: 'controlplane',
    },
    { name: 'worker0', vmid: 2000, vmName: 'talos-worker0', host: 'atlas', address: '10.0.2.1', role: 'worker' },
  ],
  variables: [],
  providers: {},
};

/** An API server that answers what it was given, by path without query. */
export interface FakeApi {
  readonly kubeconfig: string;
  readonly answers: Map<string, unknown>;
  close(): Promise<void>;
}

export const startFakeApi = async (): Promise<FakeApi> => {
  const tls = await selfSigned();
  const answers = new Map<string, unknown>();
  const server = createServer(tls, (request, response) => {
    const answer = answers.get((request.url ?? '').replace(/\?.*/, ''));
    response
      .writeHead(answer === undefined ? 404 : 200)
      .end(answer === undefined ? 'not found' : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const data = (text: string): string => Buffer.from(text).toString('base64');
  const kubeconfig = JSON.stringify({
    'current-context': 'admin@infrastructure',
    contexts: [{ name: 'admin@infrastructure', context: { cluster: 'infrastructure', user: 'admin' } }],
    clusters: [
      {
        name: 'infrastructure',
        cluster: {
          server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
          'certificate-authority-data': data(tls.cert),
        },
      },
    ],
    users: [{ name: 'admin', user: { 'client-certificate-data': data(tls.cert), 'client-key-data': data(tls.key) } }],
  });
  return {
    kubeconfig,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** A command as a test answers it; `lines` come before its end. */
export interface FakeCommand {
  readonly status?: number;
  readonly lines?: readonly string[];
  readonly stdout?: string;
}

/** A lab in which nothing runs: commands are answered by what comes after `-chdir=…` or the program's name. */
export const fakeLab = (
  answer: (command: string) => FakeCommand,
  inNode: (vmid: number) => string = () => '[]',
): RunningLab => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-rehearsal-'));
  const output = join(folder, 'cdktf.out');
  mkdirSync(join(output, 'stacks', SITE.stack), { recursive: true });
  writeFileSync(
    join(output, 'stacks', SITE.stack, 'cdk.tf.json'),
    JSON.stringify({ resource: { helm_release: { cilium: {} } } }),
  );
  const result = (stdout: string, status = 0): RunResult => ({ status, stdout, stderr: '', seconds: 1.5 });
  return {
    environment: {
      CDKTF_OUTPUT: output,
      KUBECONFIG: join(folder, 'kubeconfig'),
      TALOSCONFIG: join(folder, 'talosconfig'),
      TERRAFORM_BINARY_NAME: 'terraform',
    },
    checkout: folder,
    workFolder: folder,
    logFolder: folder,
    site: SITE,
    proxmox: { virtualMachines: () => [], volumes: () => [] },
    hypervisor: { isRunning: () => true } as unknown as LabHypervisor,
    factory: { schematics: () => [] },
    stopping: new AbortController().signal,
    interactive: false,
    seconds: { synth: 1.25, world: 4 },
    peakMemoryBytes: () => 2 ** 30,
    run: (command, args, options = {}) => {
      const words = [command.split('/').at(-1), ...args.filter((arg) => !arg.startsWith('-chdir='))].join(' ');
      const { status = 0, lines = [], stdout = lines.join('\n') } = answer(words);
      if (options.log !== undefined) writeFileSync(join(folder, `${options.log}.log`), stdout);
      for (const line of lines) options.onLine?.(line, 'stdout');
      return Promise.resolve(result(stdout, status));
    },
    inNode: (vmid) => Promise.resolve(result(inNode(vmid))),
  };
};
