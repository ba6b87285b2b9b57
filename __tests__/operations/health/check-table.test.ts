import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTable } from '../../../operations/health/check-table';
import { markdownTable } from '../../../operations/markdown-table';
import { FAULTS } from '../../long/health-faults';
import { SERVICE_FAULTS } from '../../long/health-services';
import { expectGolden } from '../../setup/golden';

const FILE = join(__dirname, '..', '..', '..', 'docs', 'HEALTH.md');

const faultTable = (): string =>
  markdownTable([
    ['what breaks', 'who says so'],
    ...[...FAULTS, ...SERVICE_FAULTS].map(({ fault, check }) => [fault, `\`${check}\``]),
  ]);

/** The text with `table` between the marks of that name. */
const filled = (text: string, name: string, table: string): string => {
  const [before = ''] = text.split(`<!-- ${name} -->`);
  const [, after = ''] = text.split(`<!-- /${name} -->`);
  return `${before}<!-- ${name} -->\n\n${table}\n\n<!-- /${name} -->${after}`;
};

test('O-1 docs/HEALTH.md has every check and every fault as code and tests have them (UPDATE_GOLDEN=1 writes it)', () => {
  const text = readFileSync(FILE, 'utf8');
  expectGolden(FILE, filled(filled(text, 'checks', checkTable()), 'faults', faultTable()));
});
