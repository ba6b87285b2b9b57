import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectGolden } from '../setup/golden';
import { proofs, proofTable, type Proof } from './proofs';
import { REQUIREMENTS } from './requirements';

const FILE = join(__dirname, '..', '..', 'docs', 'REQUIREMENTS.md');

describe('the table of requirements', () => {
  test('T-22 docs/REQUIREMENTS.md names the tests that hold each of them (UPDATE_GOLDEN=1 writes it)', () => {
    const text = readFileSync(FILE, 'utf8');
    const [before = ''] = text.split('<!-- requirements -->');
    const [, after = ''] = text.split('<!-- /requirements -->');
    expectGolden(
      FILE,
      `${before}<!-- requirements -->\n\n${proofTable(REQUIREMENTS, proofs())}\n\n<!-- /requirements -->${after}`,
    );
  });

  test('no title has an id that is not in the table', () => {
    const unknown = proofs().filter(({ ids }) => ids.some((id) => REQUIREMENTS[id] === undefined));
    expect(unknown).toEqual([]);
  });

  test('a proof stands in each of its rows, titles of one file together', () => {
    const found: Proof[] = [
      { ids: ['T-1', 'T-2'], title: 'a cluster', file: '__tests__/a.test.ts' },
      { ids: ['T-1'], title: 'one | more', file: '__tests__/a.test.ts' },
    ];
    expect(proofTable({ 'T-1': 'pools', 'T-2': 'network' }, found)).toBe(
      [
        '| id | what is promised | tests |',
        '| --- | --- | --- |',
        '| T-1 | pools | [a.test.ts](../__tests__/a.test.ts): a cluster; one \\| more |',
        '| T-2 | network | [a.test.ts](../__tests__/a.test.ts): a cluster |',
      ].join('\n'),
    );
  });
});
