import { RULES } from './review-plan';

/** The table of rules as it stands in docs/REVIEW.md: Markdown with aligned columns, as Prettier has it. */
export const ruleTable = (): string => {
  const rows = [
    ['rule', 'risk', 'when, and why'],
    ...RULES.map(({ code, risk, meaning }) => [`\`${code}\``, risk, meaning]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
};
