import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderMarkdown } from '../../operations/review/render-markdown';
import { reviewPlan } from '../../operations/review/review-plan';
import { readPlan } from '../../operations/review/terraform-plan';

const CHECKOUT = join(__dirname, '..', '..');
const PLANS = join(CHECKOUT, '__tests__', 'operations', 'review', 'plans');
const text = readFileSync(join(CHECKOUT, 'docs', 'SECURITY.md'), 'utf8');

describe('docs/SECURITY.md', () => {
  const [, table = ''] = text.split('<!-- held -->');
  const rows = [...table.matchAll(/^\|[^|]+\| `(__tests__\/[^`]+)` +\| (.+?) +\|$/gm)];

  test('names tests that there are', () => {
    expect(rows.length).toBeGreaterThan(10);
    const missing = rows.filter(([, file = '', name = '']) => {
      const path = join(CHECKOUT, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(`'${name}'`);
    });
    expect(missing.map(([line]) => line)).toEqual([]);
  });

  test('git ignores every file that the document names', () => {
    const files = [
      ...['terraform-state/infrastructure.tfstate', 'terraform-state/infrastructure.tfstate.backup', 'any.tfstate'],
      ...['kubeconfig', 'talosconfig', 'lab.kubeconfig', 'lab.talosconfig', 'outputs.json', 'key.agekey', '.env'],
    ];
    const { stdout } = spawnSync('git', ['check-ignore', '--no-index', ...files], { cwd: CHECKOUT, encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual(files);
  });

  test('a review has no secret of the plan that it is of', () => {
    const secret = 'c2VjcmV0LW9mLXRoZS1wbGFu';
    let times = 0;
    const secretly = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(secretly);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          key === 'machine_configuration_input' && typeof item === 'string'
            ? `${item}\nsecretOfMine: ${secret}${(times += 1)}`
            : secretly(item),
        ]),
      );
    };
    const shown = readdirSync(PLANS).map((file) => {
      const plan = secretly(JSON.parse(readFileSync(join(PLANS, file), 'utf8')));
      return renderMarkdown(reviewPlan(readPlan(plan), { stack: 'infrastructure' }));
    });
    expect(shown.length).toBeGreaterThan(25);
    expect(shown.filter((markdown) => markdown.includes(secret))).toEqual([]);
  });
});
