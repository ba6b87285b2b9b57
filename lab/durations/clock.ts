import { setTimeout as after } from 'node:timers/promises';

/** Time as an argument, so that a test need not wait for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves `ms` later, at once for 0. Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    if (ms > 0) await after(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** A clock that moves only when somebody sleeps: `slept` lists how long, in order. */
export const manualClock = (start = 0): Clock & { readonly slept: readonly number[]; advance(ms: number): void } => {
  const slept: number[] = [];
  let time = start;
  return {
    slept,
    now: () => time,
    sleep: (ms) => {
      slept.push(ms);
      time += ms;
      return Promise.resolve();
    },
    advance: (ms) => {
      time += ms;
    },
  };
};
