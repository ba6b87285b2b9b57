import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../../operations/review/review-plan';
import { ruleTable } from '../../../operations/review/rule-table';
import { expectGolden } from '../../setup/golden';

const FILE = join(__dirname, '..', '..', '..', 'docs', 'REVIEW.md');

describe('the table of rules', () => {
  test('O-4 docs/REVIEW.md has every rule as the code has it (UPDATE_GOLDEN=1 writes it)', () => {
    const text = readFileSync(FILE, 'utf8');
    const [before = ''] = text.split('<!-- rules -->');
    const [, after = ''] = text.split('<!-- /rules -->');
    const whole = `${before}<!-- rules -->\n\n${ruleTable()}\n\n<!-- /rules -->${after}`;
    expectGolden(FILE, whole);
  });

  test('no two rules have the same name', () => {
    const codes = RULES.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) < index)).toEqual([]);
  });
});
