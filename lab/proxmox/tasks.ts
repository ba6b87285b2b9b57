import type { Clock } from '../durations/clock';
import type { Durations, Step } from '../durations/durations';
import { badParameters, messageOf } from './errors';
import type { Fault, FaultName } from './faults';
import type { ClusterState, TaskState } from './state';

/** Proxmox' names of what a worker process does. */
export type TaskType =
  | ('download' | 'imgdel')
  | ('qmcreate' | 'qmdestroy' | 'qmconfig' | 'resize' | 'qmmove' | 'qmtemplate' | 'qmigrate')
  | ('qmstart' | 'qmstop' | 'qmshutdown' | 'qmreboot' | 'qmreset')
  | ('hastart' | 'hastop' | 'hamigrate');

/** What a task's own code sees of the task. */
export interface Worker {
  /** A line of the task log. */
  readonly log: (line: string) => void;
  /** A line that begins `WARN: `; a task with any ends as `WARNINGS: <count>`. */
  readonly warn: (line: string) => void;
  /** Aborted when the task is stopped. */
  readonly signal: AbortSignal;
  /** The fault of that name that hits this task. */
  readonly fault: (name: FaultName) => Fault | undefined;
  /** Waits as long as such a step takes in the profile. */
  readonly takes: (step: Step) => Promise<void>;
}

export interface TaskOrder {
  readonly node: string;
  readonly type: TaskType;
  readonly id: string;
  /** User or token. */
  readonly user: string;
  readonly takes?: Step;
  readonly fault?: (name: FaultName) => Fault | undefined;
  readonly work: (worker: Worker) => Promise<void> | void;
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** `encode_text` for the id part: what would end the field is percent-encoded (pve-common src/PVE/Tools.pm). */
const encodeId = (id: string): string =>
  [...Buffer.from(id, 'utf8')]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x3a && byte !== 0x2f
        ? String.fromCharCode(byte)
        : `%${hex(byte).slice(-2)}`,
    )
    .join('');

/** A status poll of a task that takes no time is held this long, so that the end is reported at the first poll. */
const HOLD_MS = 900;

const PATIENCE_MS = 5000;

/** Worker processes: pve-common src/PVE/RESTEnvironment.pm fork_worker, src/PVE/UPID.pm. */
export class Tasks {
  readonly #running = new Map<
    string,
    { readonly stop: AbortController; readonly done: Promise<void>; readonly hold: boolean }
  >();

  constructor(
    private readonly state: () => ClusterState,
    private readonly clock: Clock,
    private readonly durations: Durations,
    private readonly log: (line: string) => void,
  ) {}

  /** Starts the task, and answers its UPID at once. */
  fork({ node, type, id, user, takes, fault = () => undefined, work }: TaskOrder): string {
    const state = this.state();
    state.pid += 1;
    const starttime = Math.floor(this.clock.now() / 1000);
    const pstart = state.pid * 7;
    const upid = `UPID:${node}:${hex(state.pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${encodeId(id)}:${user}:`;
    const task: TaskState = { upid, node, pid: state.pid, pstart, starttime, type, id: encodeId(id), user, log: [] };
    state.tasks.push(task);
    const stop = new AbortController();
    const done = this.#run(task, stop.signal, takes, fault, work);
    this.#running.set(upid, { stop, done, hold: takes === undefined || this.durations[takes].ms === 0 });
    return upid;
  }

  async #run(
    task: TaskState,
    signal: AbortSignal,
    takes: Step | undefined,
    fault: (name: FaultName) => Fault | undefined,
    work: TaskOrder['work'],
  ): Promise<void> {
    let warnings = 0;
    const worker: Worker = {
      signal,
      fault,
      log: (line) => void task.log.push(line),
      warn: (line) => {
        warnings += 1;
        task.log.push(`WARN: ${line}`);
      },
      takes: (step) => this.clock.sleep(this.durations[step].ms, signal),
    };
    try {
      await Promise.resolve();
      if (fault('task-hangs') !== undefined)
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('received interrupt'))),
        );
      const failing = fault('task-fails');
      if (failing !== undefined) throw new Error(failing.text ?? 'command failed');
      if (takes !== undefined) await worker.takes(takes);
      await work(worker);
      task.exitstatus = warnings > 0 ? `WARNINGS: ${warnings}` : 'OK';
      task.log.push(warnings > 0 ? `TASK WARNINGS: ${warnings}` : 'TASK OK');
    } catch (error) {
      task.exitstatus = signal.aborted ? 'received interrupt' : messageOf(error).trim().replaceAll('\n', ' ');
      task.log.push(`TASK ERROR: ${task.exitstatus}`);
    }
    task.endtime = Math.floor(this.clock.now() / 1000);
    this.#running.delete(task.upid);
    this.log(`${task.type} ${task.id} on ${task.node}: ${task.exitstatus}`);
  }

  /** @throws ApiError 400 where the UPID is none, or no task of this host has it */
  find(node: string, upid: string): TaskState {
    if (!/^UPID:[a-zA-Z0-9-]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\s/]+:[^:\s/]*:[^:\s/]+:$/i.test(upid)) {
      throw badParameters({ upid: 'unable to parse worker upid' });
    }
    const task = this.state().tasks.find((candidate) => candidate.upid === upid && candidate.node === node);
    if (task === undefined) throw badParameters({ upid: 'no such task' });
    return task;
  }

  /** Waits for the end of a task that takes no time, but not for ever. */
  async settle(upid: string): Promise<void> {
    const running = this.#running.get(upid);
    if (running?.hold !== true) return;
    const patience = new AbortController();
    const held = this.clock.sleep(HOLD_MS, patience.signal).catch(() => undefined);
    await Promise.race([running.done, held]);
    patience.abort();
  }

  stop(upid: string): void {
    this.#running.get(upid)?.stop.abort();
  }

  /** Resolves when no task runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /** Stops what runs. What can't be stopped, as a guest that shuts down, is not waited for longer than 5 s. */
  async stopAll(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    const patience = new AbortController();
    const limit = this.clock.sleep(PATIENCE_MS, patience.signal).catch(() => undefined);
    await Promise.race([this.idle(), limit]);
    patience.abort();
  }
}
