import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { NamespaceHypervisor } from '../hypervisor/namespace-hypervisor';
import { compileMachineProgram } from '../hypervisor/machine-program';
import { readSite } from '../site/read-site';
import { hostAddresses, hostsFile } from './addresses';
import { createAuthority } from './authority';
import { mustRun, runCommand, type CommandOptions } from './command';
import { API_TOKEN, startDataCentre } from './data-centre';
import { labEnvironment, machineEnvironment } from './environment';
import { watchMemory } from './memory';
import { linkPrograms, mountNames, mountWorkFolder } from './mounts';
import { networkBatch } from './network';
import { PLACES, WORK_FOLDER } from './places';
import type { RunningLab, RunOptions } from './running-lab';
import { synthesize } from './synth';
import type { InsideTask } from './task';
import { readToolchainManifest } from './toolchain-manifest';

/** A lab, and how it ends. */
export interface World {
  readonly lab: RunningLab;
  /** Resolves when the lab is asked to stop. */
  readonly stopped: Promise<void>;
  /** Powers every VM off and closes the servers. */
  close(): Promise<void>;
}

const SHELL_START = "PS1='groundwork-lab:\\w\\$ '\n";

/** Builds everything inside namespaces that are there already: work folder, names, network, servers. */
export const buildWorld = async (task: InsideTask, stopping: AbortSignal): Promise<World> => {
  const { checkout, logFolder, stack, run } = task;
  const toolchain = readToolchainManifest(task.toolchain);
  await mountWorkFolder(runCommand);
  const secret = randomUUID();
  const apiToken = `${API_TOKEN.user}!${API_TOKEN.tokenId}=${secret}`;
  const environmentOf = (variables: readonly string[]): Record<string, string> =>
    labEnvironment({
      ...{
        outer: process.env,
        variables,
        toolchain,
        toolchainFile: task.toolchain,
        checkout,
        logFolder,
        run,
        apiToken,
      },
    });
  const now = new Date();
  const authority = await createAuthority(now);
  const stranger = await createAuthority(now, 'groundwork authority that no Proxmox host knows');
  writeFileSync(PLACES.certificate, authority.certificate + stranger.certificate);
  // Side by side: the synth is a process of its own.
  const [synth, program] = await Promise.all([
    task.synthesized === undefined
      ? synthesize(runCommand, { checkout, stack, environment: environmentOf([]) })
      : { json: JSON.parse(readFileSync(task.synthesized, 'utf8')) as unknown, seconds: 0 },
    compileMachineProgram(checkout, PLACES.machineProgram),
  ]);
  const site = readSite(stack, synth.json);
  const hosts = hostAddresses(site);
  writeFileSync(PLACES.shellStart, SHELL_START);
  linkPrograms([toolchain.terraform, toolchain.binaries['kubectl'] ?? '']);
  await mountNames(runCommand, hostsFile(hosts));
  await mustRun(runCommand, 'ip', ['-batch', '-'], { input: `${networkBatch(site, hosts).join('\n')}\n` });
  writeFileSync(
    PLACES.settings,
    JSON.stringify({
      profile: task.profile,
      discoveryUrl: site.discovery,
      caFile: PLACES.certificate,
      agentInMaintenance: true,
    }),
  );
  const hypervisor = new NamespaceHypervisor({
    folder: PLACES.machines,
    logFolder,
    program: program.command,
    environment: {
      ...machineEnvironment({ outer: process.env, toolchainFile: task.toolchain, run }),
      ...program.environment,
    },
    cwd: checkout,
    run: runCommand,
  });
  const centre = await startDataCentre({
    ...{ site, hosts, authority, stranger, hypervisor, secret, logFolder },
    profile: task.profile,
    storages: PLACES.storages,
  });
  const environment = environmentOf(site.variables);
  const commandOptions = (options: RunOptions): CommandOptions => ({
    cwd: options.cwd ?? checkout,
    environment: { ...environment, ...options.environment },
    signal: stopping,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...(options.log === undefined ? {} : { logFile: join(logFolder, `${options.log}.log`) }),
  });
  const lab: RunningLab = {
    environment,
    checkout,
    workFolder: WORK_FOLDER,
    logFolder,
    site,
    proxmox: centre.proxmox,
    hypervisor,
    factory: centre.factory,
    stopping,
    interactive: task.interactive,
    seconds: { synth: synth.seconds, world: process.uptime() },
    peakMemoryBytes: watchMemory(),
    run: (command, args, options = {}) => runCommand(command, args, commandOptions(options)),
    inNode: async (vmid, command, options = {}) => {
      const target = ['--target', String(hypervisor.machinePid(vmid)), '--mount', '--net', '--pid', '--'];
      return runCommand('nsenter', [...target, ...command], commandOptions(options));
    },
  };
  return {
    lab,
    stopped: new Promise((resolve) => {
      if (stopping.aborted) resolve();
      stopping.addEventListener('abort', () => resolve());
    }),
    close: async () => {
      await hypervisor.stopAll();
      await centre.close();
    },
  };
};
