/** What the first process inside is told, as JSON in its arguments. Holds no secret. */
export interface InsideTask {
  /** `rehearse` deploys and checks; `idle` only has the data centre up. */
  readonly kind: 'rehearse' | 'idle';
  /** Name of the run, which marks all its processes. */
  readonly run: string;
  readonly checkout: string;
  /** On disk. */
  readonly logFolder: string;
  readonly stack: string;
  /** Absolute path of a `cdk.tf.json` to use in place of a synth. */
  readonly synthesized?: string;
  /** Path of the toolchain's manifest. */
  readonly toolchain: string;
  readonly profile: string;
  /** Names of scenarios that a rehearsal tries on the deployed cluster. */
  readonly scenarios: readonly string[];
  readonly destroy: boolean;
  readonly keep: boolean;
  readonly json: boolean;
  readonly interactive: boolean;
}

/** Messages to the first process inside. */
export interface StopMessage {
  readonly kind: 'stop';
}

/** Messages from the first process inside. */
export type InsideMessage =
  | {
      /** The data centre answers. */
      readonly kind: 'up';
      readonly environment: Readonly<Record<string, string>>;
      readonly nodes: readonly {
        readonly name: string;
        readonly vmName: string;
        readonly vmid: number;
        readonly address: string;
      }[];
    }
  | {
      /** The task is done and the lab stays: the outer process may go. */
      readonly kind: 'kept';
      readonly status: number;
    };
