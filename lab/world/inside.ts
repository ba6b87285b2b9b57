import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { rehearse } from '../rehearsal/rehearse';
import { buildWorld, type World } from './build-world';
import { SynthError } from './synth';
import type { InsideMessage, InsideTask } from './task';

/** Time that a task has to end once the lab is to stop, in milliseconds; then the namespaces are torn down as they are. */
const GRACE_MS = 10_000;
/** Exit status of a lab whose starter died. */
const ORPHANED = 137;
const STOPPED = 130;

const send = (message: InsideMessage): void => {
  if (process.connected) process.send?.(message);
};

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A mistake in the input, or this computer's fault: its text is for the user, its trace for the log. */
const report = (task: InsideTask, error: unknown): void => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  appendFileSync(join(task.logFolder, 'world.log'), `${stack ?? message}\n`);
  tell(error instanceof SynthError ? message : `error: ${message}\nlogs: ${task.logFolder}`);
};

/** What the lab is for: nothing but to be there, or a rehearsal. */
const perform = async (task: InsideTask, world: World): Promise<number> => {
  if (task.kind === 'rehearse') {
    const { destroy, keep, json, profile, scenarios } = task;
    return rehearse(world.lab, { destroy, keep, json, profile, scenarios });
  }
  const { site, seconds } = world.lab;
  tell(
    `the lab is up after ${seconds.world.toFixed(1)} s: Proxmox at ${site.proxmox.endpoint}, nothing deployed of the ` +
      `${site.nodes.length} nodes in ${site.stack}`,
  );
  if (!task.keep) {
    tell('enter it with `npx groundwork lab shell`, stop it with Ctrl-C');
    await world.stopped;
  }
  return 0;
};

/**
 * First process of the lab's PID namespace: when it ends, the kernel ends every other one, and namespaces and
 * mounts go with them.
 */
const main = async (): Promise<void> => {
  const task = JSON.parse(process.argv[2] ?? '') as InsideTask;
  const stopping = new AbortController();
  let kept = false;
  const stop = (): void => {
    if (!stopping.signal.aborted) tell('stopping the lab: nothing of it stays but its logs');
    stopping.abort();
    setTimeout(() => process.exit(STOPPED), GRACE_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('message', stop); // there is one message, a StopMessage
  process.on('disconnect', () => {
    if (!kept) process.exit(ORPHANED);
  });
  // Whoever read our output is gone once the lab is kept.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let status: number;
  try {
    const world = await buildWorld(task, stopping.signal);
    const { environment, site } = world.lab;
    const nodes = site.nodes.map(({ name, vmName, vmid, address }) => ({ name, vmName, vmid, address }));
    send({ kind: 'up', environment, nodes });
    status = await perform(task, world);
    if (task.keep && !stopping.signal.aborted) {
      kept = true;
      send({ kind: 'kept', status });
      await world.stopped;
    }
    await world.close();
  } catch (error) {
    if (!stopping.signal.aborted) report(task, error);
    status = 1;
  }
  process.exit(stopping.signal.aborted && !kept ? STOPPED : status);
};

void main();
