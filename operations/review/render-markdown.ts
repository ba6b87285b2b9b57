import { counts } from './render-text';
import type { Review } from './review-plan';

/** By which a script finds its own comment again. */
export const markerOf = (stack: string): string => `<!-- groundwork-review ${stack} -->`;

/** Text from a plan stays text: no mention, tag, table cell or link in a pull request. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|@#]/g, '\\$&');

/** A comment for a pull request; what Terraform calls each change is folded away. With a final line break. */
export const renderMarkdown = (review: Review): string => {
  const { stack, risk, findings, changes } = review;
  const head = [
    markerOf(stack),
    `### Plan of ${plain(stack)}: **${changes.length === 0 && findings.length === 0 ? 'no changes' : risk}**`,
    '',
  ];
  if (changes.length === 0 && findings.length === 0) return `${head.join('\n')}\n`;
  return `${[
    ...head,
    `${counts(review)}; ${changes.length} resources change.`,
    '',
    '| risk | what happens | what to do |',
    '| ---- | ------------ | ---------- |',
    ...findings.map(({ risk: of, message, advice = '' }) => `| ${of} | ${plain(message)} | ${plain(advice)} |`),
    '',
    `<details><summary>${changes.length} resources</summary>`,
    '',
    '```text',
    ...changes.map(({ fate, address }) => `${fate.padEnd(8)} ${address}`),
    '```',
    '',
    '</details>',
  ].join('\n')}\n`;
};
