/** One figure over all runs. */
export interface Figure {
  readonly name: string;
  readonly unit: 's' | 'GiB';
  /** One value per run. */
  readonly values: readonly number[];
}

/** What is read of a rehearsal's report (`groundwork lab rehearse --json`). */
export interface Report {
  readonly status: number;
  readonly checks: readonly { readonly check: string; readonly status: string; readonly fact: string }[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number;
}

/** Names of the report's steps, in the order of the table. */
const STEPS: readonly (readonly [step: string, name: string])[] = [
  ['synth', 'synth'],
  ['world', 'lab'],
  ['nodesReady', 'deploy to Ready'],
  ['deploy', 'deploy'],
  ['secondPlan', 'second plan'],
  ['diff', 'diff'],
  ['vipFailover', 'VIP failover'],
  ['destroy', 'destroy'],
];

/** Figures of the rehearsals; a step that no run took is left out. */
export const figuresOf = (reports: readonly Report[]): readonly Figure[] => [
  ...STEPS.map(([step, name]): Figure => ({
    name,
    unit: 's',
    values: reports.flatMap(({ seconds }) => seconds[step] ?? []),
  })).filter(({ values }) => values.length > 0),
  { name: 'peak memory', unit: 'GiB', values: reports.map(({ peakMemoryBytes }) => peakMemoryBytes / 2 ** 30) },
];

/** @throws Error where there is no value */
export const spread = (
  values: readonly number[],
): { readonly min: number; readonly median: number; readonly max: number } => {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (min === undefined || max === undefined || upper === undefined || lower === undefined)
    throw new Error('no run gave a value');
  return { min, median: (lower + upper) / 2, max };
};

/** A Markdown table. */
export const table = (figures: readonly Figure[]): string =>
  [
    '| figure | min | median | max |',
    '| --- | --- | --- | --- |',
    ...figures.map(({ name, unit, values }) => {
      const { min, median, max } = spread(values);
      return `| ${name} | ${[min, median, max].map((value) => `${value.toFixed(unit === 's' ? 1 : 2)} ${unit}`).join(' | ')} |`;
    }),
  ].join('\n');
