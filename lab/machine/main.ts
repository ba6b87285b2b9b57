import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { VirtualHardware } from '../hardware/hypervisor';
import { allMethods } from './api/methods';
import { validateWith } from './config-validator';
import { exchangeOverHttps } from './discovery';
import { GuestAgent } from './guest-agent';
import { readLabSettings } from './lab-settings';
import { lazyModules } from './lazy-modules';
import { Machine } from './machine';
import { CLOCK_FILE, machineClock } from './machine-clock';
import { MachineNetwork, notifyOnChange, runIp } from './network/machine-network';

/** @throws Error naming the variable where it is empty */
const environment = (name: string, holds: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is empty: it must name ${holds}`);
  return value;
};

/**
 * One Talos machine, in the network namespace of its VM. Exit status 0: powered off; 75: reboots; else a fault of the lab.
 * SIGTERM is the ACPI power button, SIGKILL pulls the plug.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { hardware: { type: 'string' }, logs: { type: 'string' }, 'agent-socket': { type: 'string' } },
  });
  const { hardware: hardwareFile, logs, 'agent-socket': socket } = values;
  if (hardwareFile === undefined || logs === undefined || socket === undefined)
    throw new Error('usage: main.ts --hardware <file> --logs <folder> --agent-socket <path>');
  const settings = readLabSettings(environment('GROUNDWORK_LAB', "the JSON file of the lab's settings"));
  const { binaries } = JSON.parse(
    readFileSync(environment('GROUNDWORK_TOOLCHAIN', "the toolchain's manifest"), 'utf8'),
  ) as { readonly binaries: Readonly<Record<string, string>> };
  const hardware = JSON.parse(readFileSync(hardwareFile, 'utf8')) as VirtualHardware;

  mkdirSync(logs, { recursive: true });
  const log = (line: string): void =>
    appendFileSync(join(logs, 'machine.log'), `${new Date().toISOString()} ${line}\n`);
  const network = new MachineNetwork(runIp, log, notifyOnChange);
  const machine = new Machine({
    ...{ hardware, settings, binaries, logPath: logs, network, log },
    agent: new GuestAgent(socket, () => network.interfaces()),
    validate: validateWith(binaries['talos-config'] ?? 'talos-config'),
    loadNodeServices: () => lazyModules.nodeServices().createNodeServices,
    exchange: exchangeOverHttps(settings.caFile),
    clock: machineClock(join(dirname(hardwareFile), CLOCK_FILE)),
    timeServer: Date.now,
    listen: '0.0.0.0',
    handlers: allMethods,
    exit: (status) => process.exit(status),
  });
  process.on('SIGTERM', () => machine.powerButton());
  // Without a listener or a service, nothing else would keep a machine on.
  setInterval(() => undefined, 2 ** 30);
  await machine.boot();
};

main().catch((fault: unknown) => {
  process.stderr.write(`machine: ${(fault as Error).stack ?? String(fault)}\n`);
  process.exit(1);
});
