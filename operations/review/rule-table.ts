import { markdownTable } from '../markdown-table';
import { RULES } from './review-plan';

/** The table of rules as it stands in docs/REVIEW.md. */
export const ruleTable = (): string =>
  markdownTable([
    ['rule', 'risk', 'when, and why'],
    ...RULES.map(({ code, risk, meaning }) => [`\`${code}\``, risk, meaning]),
  ]);
