import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planText, type RawPlan } from './trim';

/** Usage: `node -r tsx/cjs __tests__/operations/review/recording/store.ts <folder>`: trims what `record.ts` wrote into plans/. */
const [folder = ''] = process.argv.slice(2);
for (const file of readdirSync(folder)) {
  const plan = JSON.parse(readFileSync(join(folder, file), 'utf8')) as RawPlan;
  writeFileSync(join(__dirname, '..', 'plans', file), planText(plan));
}
