/** Where a rehearsal writes: status for people, data for whoever asked for it. */
export interface Screen {
  /** One line of progress. */
  say(line: string): void;
  /** The result. */
  print(text: string): void;
  /** True: lines may be redrawn. */
  readonly live: boolean;
  /** Replaces the block of lines that was drawn last; only where `live`. */
  redraw(lines: readonly string[]): void;
  /** Leaves the block as it is: what comes next is written below. */
  settle(): void;
  /** Colours where they are wanted, else the text itself. */
  paint(colour: Colour, text: string): string;
}

const COLOURS = { green: 32, red: 31, yellow: 33, grey: 90 } as const;
export type Colour = keyof typeof COLOURS;

interface Output {
  write(text: string): unknown;
}

export interface ScreenOptions {
  /** Standard output: the result, and nothing else. */
  readonly data: Output;
  /** Standard error: everything else. */
  readonly status: Output;
  readonly live: boolean;
  /** On a terminal, and not switched off by NO_COLOR. */
  readonly colours: boolean;
}

export const createScreen = ({ data, status, live, colours }: ScreenOptions): Screen => {
  let drawn = 0;
  return {
    live,
    say: (line) => {
      status.write(`${line}\n`);
    },
    print: (text) => {
      data.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    redraw: (lines) => {
      const up = drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`;
      status.write(`${up}${lines.map((line) => `${line}\n`).join('')}`);
      drawn = lines.length;
    },
    settle: () => {
      drawn = 0;
    },
    paint: (colour, text) => (colours ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text),
  };
};
