import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture, settled } from '../../docs/pictures/terminal';

const PICTURES = join(__dirname, '..', '..', 'docs', 'pictures');

describe('the picture of a terminal', () => {
  test('shows what is left after all redrawing', () => {
    const typescript = [
      'Script started on 2026-11-21\n',
      'one\r\n',
      'two\r\n',
      '\u001b[1A\u001b[Jthree\r\n',
      'four\r\n',
      '\rfive\u001b[2K\rsix\n',
    ].join('');
    expect(settled(typescript)).toEqual(['one', 'three', 'four', 'six']);
  });

  test('keeps colours and columns', () => {
    const svg = picture(['\u001b[32mPASS\u001b[0m  a <b> & c'], 'run');
    expect(svg).toContain(
      '<text y="49"><tspan x="16.0" fill="#7ee787">PASS</tspan><tspan x="66.4" fill="#e6edf3">a &lt;b&gt; &amp; c</tspan></text>',
    );
  });

  test('npm-start.svg is drawn from npm-start.txt', () => {
    const lines = readFileSync(join(PICTURES, 'npm-start.txt'), 'utf8').trimEnd().split('\n');
    expect(readFileSync(join(PICTURES, 'npm-start.svg'), 'utf8')).toBe(picture(lines, 'npm start'));
  });
});
