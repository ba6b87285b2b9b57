import { RISKS, type Risk } from './rule';
import type { Review } from './review-plan';

/** A count for each risk that there is, worst first: `1 destructive, 2 low`. */
export const counts = ({ findings }: Review): string =>
  RISKS.toReversed()
    .flatMap((risk) => {
      const { length } = findings.filter((finding) => finding.risk === risk);
      return length === 0 ? [] : [`${length} ${risk}`];
    })
    .join(', ');

const COLOURS: Readonly<Record<Risk, number>> = { none: 2, low: 32, high: 33, destructive: 31 };

/** What a person sees in a terminal. No final line break. */
export const renderText = (review: Review, colours = false): string => {
  const paint = (risk: Risk, text: string): string => (colours ? `\u001b[${COLOURS[risk]}m${text}\u001b[0m` : text);
  if (review.changes.length === 0 && review.findings.length === 0) return `${review.stack}: no changes`;
  const width = Math.max(...review.findings.map(({ risk }) => risk.length));
  return [
    `${review.stack}: ${paint(review.risk, review.risk)} (${counts(review)}; ${review.changes.length} resources change)`,
    '',
    ...review.findings.flatMap(({ risk, code, message, advice }) => [
      `${paint(risk, risk.padEnd(width))}  ${code}: ${message}`,
      ...(advice === undefined ? [] : [`${' '.repeat(width)}  fix: ${advice}`]),
    ]),
  ].join('\n');
};
