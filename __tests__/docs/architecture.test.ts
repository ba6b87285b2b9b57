import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CHECKOUT = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(CHECKOUT, file), 'utf8');
const folders = (of: string): string[] =>
  readdirSync(join(CHECKOUT, of), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('docs/ARCHITECTURE.md', () => {
  const text = read('docs/ARCHITECTURE.md');

  test('has every room of operations', () => {
    const [, table = ''] = text.split(/<!-- \/?operations -->/);
    expect(folders('operations').filter((room) => !table.includes(`| \`${room}/\``))).toEqual([]);
  });

  test('has every room of modules', () => {
    expect(folders('modules').filter((room) => !text.includes(`\`modules/${room}/\``))).toEqual([]);
  });
});

describe('links of the documents', () => {
  const files = ['.', 'docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(join(CHECKOUT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );

  test.each(files)('%s: each leads to a file that is there', (file) => {
    const targets = [...read(file).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map(([, target = '']) => target);
    const missing = targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      try {
        readdirSync(join(CHECKOUT, file, '..', target));
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT';
      }
      return false;
    });
    expect(missing).toEqual([]);
  });
});
