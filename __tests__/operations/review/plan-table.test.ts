import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from '../../../operations/markdown-table';
import { expectGolden } from '../../setup/golden';
import { EXPECTED } from './expected';

const FILE = join(__dirname, '..', '..', '..', 'docs', 'PLAN.md');

/** `high worker-removed: worker1 is destroyed` without what the other columns say. */
const rows = Object.entries(EXPECTED).map(([name, [risk, first = 'none no-change: no changes', ...others]]) => {
  const [, code = '', message = ''] = /^\w+ ([\w-]+): (.*)$/.exec(first) ?? [];
  return [`\`${name}\``, risk, code === 'no-change' ? '' : `\`${code}\``, `${message}${others.length > 0 ? ' …' : ''}`];
});

describe('the recorded plans', () => {
  test('O-4 docs/PLAN.md has every one with its risk (UPDATE_GOLDEN=1 writes it)', () => {
    const text = readFileSync(FILE, 'utf8');
    const [before = ''] = text.split('<!-- plans -->');
    const [, after = ''] = text.split('<!-- /plans -->');
    const table = markdownTable([['plan', 'risk', 'first rule', 'what it says'], ...rows]);
    expectGolden(FILE, `${before}<!-- plans -->\n\n${table}\n\n<!-- /plans -->${after}`);
  });
});
