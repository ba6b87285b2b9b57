import { readFileSync, writeFileSync } from 'node:fs';

/**
 * What a terminal showed at the end of a run, as SVG.
 *
 * script --quiet --return --command 'npm start' run.txt
 * node -r tsx/cjs docs/pictures/terminal.ts run.txt docs/pictures/npm-start.txt docs/pictures/npm-start.svg
 *
 * The text is kept beside the picture, so that a change can be read; a test draws it again.
 */
const COLOURS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 90: '#8b949e' };
const PLAIN = '#e6edf3';
const SIZE = 14;
/** Of one character, in the monospaced fonts that are asked for. */
const [WIDTH, HEIGHT] = [8.4, 20];
const [MARGIN, TITLE] = [16, 34];

/** The lines that are left when all redrawing is done: `ESC[nA` up, `ESC[J` erases below, `ESC[2K` a line, CR goes to its beginning. */
export const settled = (typescript: string): string[] => {
  const lines = [''];
  let row = 0;
  for (const part of typescript.replace(/^Script (started|done).*\n?/gm, '').split(/(\u001b\[\d*[AJK]|\r|\n)/)) {
    const [, count = '', command] = /^\u001b\[(\d*)([AJK])$/.exec(part) ?? [];
    if (command === 'A') row = Math.max(0, row - Number(count || '1'));
    else if (command === 'J') lines.splice(row, lines.length, '');
    else if (command === 'K' || part === '\r') continue;
    else if (part === '\n') lines[(row += 1)] ??= '';
    else if (part !== '') lines[row] = part;
  }
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A line as pieces of one colour, each at its own column: no font then moves the columns of a table. */
const pieces = (line: string): string => {
  const spans: string[] = [];
  let column = 0;
  let colour = PLAIN;
  for (const part of line.split(/(\u001b\[\d*m)/)) {
    const code = /^\u001b\[(\d*)m$/.exec(part)?.[1];
    if (code !== undefined) {
      colour = COLOURS[code] ?? PLAIN;
      continue;
    }
    for (const { 0: words, index } of part.matchAll(/\S+(?: \S+)*/g)) {
      const x = (MARGIN + (column + index) * WIDTH).toFixed(1);
      spans.push(`<tspan x="${x}" fill="${colour}">${escaped(words)}</tspan>`);
    }
    column += part.length;
  }
  return spans.join('');
};

export const picture = (lines: readonly string[], title: string): string => {
  const columns = Math.max(...lines.map((line) => line.replace(/\u001b\[\d*m/g, '').length));
  const width = Math.ceil(2 * MARGIN + columns * WIDTH);
  const height = TITLE + lines.length * HEIGHT + MARGIN;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${20 + index * 20}" cy="17" r="6" fill="${fill}"/>`,
  );
  const texts = lines.map((line, row) => `<text y="${TITLE + (row + 1) * HEIGHT - 5}">${pieces(line)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${SIZE}">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
};

if (require.main === module) {
  const [from = '', text = '', svg = ''] = process.argv.slice(2);
  const lines = settled(readFileSync(from, 'utf8'));
  writeFileSync(text, `${lines.join('\n')}\n`);
  writeFileSync(svg, picture(lines, 'npm start'));
}
