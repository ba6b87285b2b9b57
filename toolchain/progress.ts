/** Where progress goes: standard error, or a test's list of texts. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Step {
  /** As `build etcd`. */
  readonly title: string;
  /** Why it is done, as `the store of each control plane`. */
  readonly purpose: string;
  /** How long it takes as a rule, in seconds. */
  readonly seconds: number;
}

/** `about 40 s`, `about 6 min`: no more exact than an estimate is. */
export const roughly = (seconds: number): string =>
  seconds < 100 ? `about ${Math.max(5, Math.round(seconds / 5) * 5)} s` : `about ${Math.round(seconds / 60)} min`;

/** Numbered steps. On a terminal one line each, redrawn every second; elsewhere one line at each end of a step. */
export class Progress {
  private done = 0;

  constructor(
    private readonly screen: Screen,
    /** How many steps there are to be; may change when a step shows what the others are. */
    public steps: number,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Runs one step. What it throws passes through, after a line that says which step failed. */
  async step<T>({ title, purpose, seconds }: Step, work: () => Promise<T>): Promise<T> {
    const started = this.clock();
    const elapsed = (): number => Math.round((this.clock() - started) / 1000);
    const number = `[${++this.done}/${this.steps}]`;
    const head = `${number} ${title} (${roughly(seconds)}): ${purpose}`;
    const live = this.screen.isTTY === true;
    const draw = (text: string): void =>
      void this.screen.write(`\r\x1b[2K${text.slice(0, (this.screen.columns ?? 80) - 1)}`);
    if (live) draw(head);
    else this.screen.write(`${head}\n`);
    const redraw = live
      ? setInterval(() => draw(`${number} ${elapsed()} s ${head.slice(number.length + 1)}`), 1000)
      : undefined;
    const end = (how: string): void => {
      if (live) draw('');
      this.screen.write(`${number} ${title}: ${how} ${elapsed()} s\n`);
    };
    try {
      const result = await work();
      end('done in');
      return result;
    } catch (error) {
      end('FAILED after');
      throw error;
    } finally {
      clearInterval(redraw);
    }
  }
}
