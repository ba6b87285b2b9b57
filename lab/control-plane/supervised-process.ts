import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** When a process that ended is started again. */
export interface RestartPolicy {
  /** Milliseconds to wait before the `n`th restart, the first being 1. */
  readonly delayMs: (restart: number) => number;
  /** The count starts anew after a run of this many milliseconds. */
  readonly resetAfterMs: number;
}

/** A crashed container starts again at once, then after 10 s, 20 s … 300 s; forgotten after 10 minutes (kubelet). */
export const KUBELET_RESTARTS: RestartPolicy = {
  delayMs: (restart) => (restart === 1 ? 0 : Math.min(10_000 * 2 ** (restart - 2), 300_000)),
  resetAfterMs: 600_000,
};

/** Talos restarts its own services after 5 s (internal/app/machined/pkg/system/runner/restart). */
export const SERVICE_RESTARTS: RestartPolicy = { delayMs: () => 5000, resetAfterMs: 0 };

/** Processes that only the lab has. */
export const HELPER_RESTARTS: RestartPolicy = { delayMs: () => 1000, resetAfterMs: 0 };

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Output is appended here. */
  readonly logFile: string;
  readonly restarts: RestartPolicy;
  /** While this file exists the process is not started; one that runs goes on running. */
  readonly holdFile?: string;
}

/** `held`: its hold file exists. `waiting`: the back-off runs. */
export type ProcessState = 'stopped' | 'running' | 'waiting' | 'held';

export interface LastExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: Date;
}

const HOLD_POLL_MS = 200;

/** A child process that is started again whenever it ends, until `stop`. */
export class SupervisedProcess {
  state: ProcessState = 'stopped';
  restartCount = 0;
  startedAt: Date | undefined;
  lastExit: LastExit | undefined;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private crashes = 0;
  private wanted = false;

  /** `onChange` is called after every change of `state`. */
  constructor(
    readonly spec: ProcessSpec,
    private readonly onChange: (process: SupervisedProcess) => void = () => undefined,
  ) {}

  /** Process id as this PID namespace sees it. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.launch();
  }

  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    const { child } = this;
    if (child !== undefined) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(killer);
    }
    this.enter('stopped');
  }

  private launch(): void {
    const { holdFile } = this.spec;
    if (holdFile !== undefined && existsSync(holdFile)) {
      this.enter('held');
      this.timer = setTimeout(() => this.launch(), HOLD_POLL_MS);
      return;
    }
    mkdirSync(dirname(this.spec.logFile), { recursive: true });
    const log = openSync(this.spec.logFile, 'a', 0o600);
    const child = spawn(this.spec.command, this.spec.args, { env: { ...this.spec.env }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    this.startedAt = new Date();
    let ended = false;
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (ended) return;
      ended = true;
      this.ended(code, signal);
    };
    child.once('error', () => end(127, null));
    child.once('close', end);
    this.enter('running');
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    const ran = Date.now() - (this.startedAt?.getTime() ?? 0);
    this.child = undefined;
    this.lastExit = { code, signal, at: new Date() };
    if (!this.wanted) return;
    const { resetAfterMs, delayMs } = this.spec.restarts;
    this.crashes = resetAfterMs > 0 && ran >= resetAfterMs ? 1 : this.crashes + 1;
    this.restartCount += 1;
    this.enter('waiting');
    this.timer = setTimeout(() => this.launch(), delayMs(this.crashes));
  }

  private enter(state: ProcessState): void {
    if (this.state === state) return;
    this.state = state;
    this.onChange(this);
  }
}
