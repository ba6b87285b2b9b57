/** What can be made to go wrong. */
export type FaultName =
  /** The call is answered with `status` (500) and `text`; nothing happens. */
  | 'api-error'
  /** The connection is closed without an answer; nothing happens. */
  | 'connection-reset'
  /** The task that the call starts ends with `text`; nothing else happens. */
  | 'task-fails'
  /** The task that the call starts never ends; it can be stopped. */
  | 'task-hangs'
  /** Writing to storage ends with "No space left on device". */
  | 'storage-full'
  /** Only the first `bytes` (100) of a download arrive. */
  | 'download-truncated';

export interface Fault {
  readonly name: FaultName;
  /** Calls that it hits: all where nothing is given. */
  readonly match?: {
    readonly method?: string;
    /** As in the endpoint table (`/nodes/{node}/qemu`) or as called (`/nodes/pve1/qemu`). */
    readonly path?: string;
  };
  /** How often. @default - every time */
  readonly times?: number;
  readonly status?: number;
  readonly text?: string;
  readonly bytes?: number;
}

/** The call that a fault may hit. */
export interface Target {
  readonly method: string;
  /** Template of the endpoint; undefined where there is none. */
  readonly template?: string;
  readonly path: string;
}

/** Faults that are set, and how often each may still strike. */
export class Faults {
  readonly #set = new Map<Fault, number>();

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) this.add(fault);
  }

  add(fault: Fault): void {
    this.#set.set(fault, fault.times ?? Infinity);
  }

  clear(): void {
    this.#set.clear();
  }

  /** The fault of that name that hits this call, if any; it is used up by one. */
  take(name: FaultName, { method, template, path }: Target): Fault | undefined {
    for (const [fault, left] of this.#set) {
      const { match = {} } = fault;
      if (fault.name !== name || left <= 0) continue;
      if (match.method !== undefined && match.method !== method) continue;
      if (match.path !== undefined && match.path !== template && match.path !== path) continue;
      this.#set.set(fault, left - 1);
      return fault;
    }
    return undefined;
  }
}
