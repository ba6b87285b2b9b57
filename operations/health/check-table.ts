import { markdownTable } from '../markdown-table';
import { HEALTH_CHECK_NAMES, HEALTH_CHECKS } from './health';

/** The table of checks as it stands in docs/HEALTH.md. */
export const checkTable = (): string =>
  markdownTable([
    ['check', 'passes where'],
    ...HEALTH_CHECK_NAMES.map((name) => [`\`${name}\``, HEALTH_CHECKS[name].looksAt]),
  ]);
