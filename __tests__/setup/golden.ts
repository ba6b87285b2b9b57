import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Expects `text` to be what the file holds. `UPDATE_GOLDEN=1` writes the file instead, for a person to read the
 * difference before committing it; where `CI` is set nobody would.
 */
export const expectGolden = (file: string, text: string): void => {
  const rewrite = process.env['UPDATE_GOLDEN'] === '1';
  if (rewrite && process.env['CI'] !== undefined) throw new Error('UPDATE_GOLDEN is refused where CI is set');
  if (rewrite) writeFileSync(file, text);
  if (!existsSync(file)) throw new Error(`there is no ${file}; UPDATE_GOLDEN=1 writes it`);
  expect(text).toBe(readFileSync(file, 'utf8'));
};
