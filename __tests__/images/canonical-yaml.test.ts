import fc from 'fast-check';
import { parse } from 'yaml';
import { canonicalYaml } from '../../images/canonical-yaml';

/** What gopkg.in/yaml.v3 3.0.1 and go.yaml.in/yaml/v4 4.0.0-rc.4 both write for a text. */
const MEASURED: readonly [text: string, written: string][] = [
  ['net.ifnames=0', 'net.ifnames=0'],
  ['console=tty0,115200n8', 'console=tty0,115200n8'],
  ['https://example.org/a?b=c#d', 'https://example.org/a?b=c#d'],
  ['-foo', '-foo'],
  ['a,b', 'a,b'],
  ['a b', 'a b'],
  ["it's", "it's"],
  ['a"b', 'a"b'],
  ['a\\b', 'a\\b'],
  ['a:b', 'a:b'],
  ['a#b', 'a#b'],
  ['2024-13-01', '2024-13-01'],
  ['._5', '._5'],
  ['tRUE', 'tRUE'],
  ['', '""'],
  ['~', '"~"'],
  ['null', '"null"'],
  ['true', '"true"'],
  ['yes', '"yes"'],
  ['Off', '"Off"'],
  ['y', '"y"'],
  ['1', '"1"'],
  ['-1.5', '"-1.5"'],
  ['1_000', '"1_000"'],
  ['.5_1', '".5_1"'],
  ['0x1F', '"0x1F"'],
  ['0o17', '"0o17"'],
  ['0b1', '"0b1"'],
  ['089', '"089"'],
  ['1e3', '"1e3"'],
  ['.inf', '".inf"'],
  ['10:20', '"10:20"'],
  ['52:54:00:12:34:56', '"52:54:00:12:34:56"'],
  ['2024-01-01', '"2024-01-01"'],
  ['2024-1-1 1:2:3', '"2024-1-1 1:2:3"'],
  ['a: b', "'a: b'"],
  ['a:', "'a:'"],
  ['a #b', "'a #b'"],
  ['#a', "'#a'"],
  ['- a', "'- a'"],
  ['-', "'-'"],
  ['---', "'---'"],
  ['? a', "'? a'"],
  ['[a]', "'[a]'"],
  ['{a}', "'{a}'"],
  ['!a', "'!a'"],
  ['&a', "'&a'"],
  ['*a', "'*a'"],
  ['%a', "'%a'"],
  ['@a', "'@a'"],
  ['`a', "'`a'"],
  ['"q"', '\'"q"\''],
  ["'q'", "'''q'''"],
  [' a', "' a'"],
  ['a ', "'a '"],
  ['a\n', '|\n        a'],
  ['a\nb', '|-\n        a\n        b'],
  ['a\n\n', '|+\n        a\n'],
  ['a\n b\n', '|\n        a\n         b'],
  ['a\n\nb\n', '|\n        a\n\n        b'],
  ['a \nb', '"a \\nb"'],
];

describe('T-6 canonical YAML', () => {
  test.each(MEASURED)('%j is written as %s', (text, written) => {
    expect(canonicalYaml({ outer: { value: text } })).toBe(`outer:\n    value: ${written}\n`);
    expect(parse(canonicalYaml({ outer: { value: text } }))).toEqual({ outer: { value: text } });
  });

  test('indents by four, a list item by two more, and a block to the next multiple of four', () => {
    const document = {
      a: { list: [{ key: 1, text: 'x\ny\n', deep: { is: true } }, 'plain', 'x\ny\n'] },
      none: {},
      empty: [],
    };
    expect(canonicalYaml(document)).toBe(`a:
    list:
        - key: 1
          text: |
            x
            y
          deep:
            is: true
        - plain
        - |
          x
          y
none: {}
empty: []
`);
  });

  test.each(['\ta', 'ä', '\u{1f600}', '<<', '0o-3', 'a\nä'])('%j has no canonical form', (text) => {
    expect(() => canonicalYaml({ text })).toThrow(/^text ".*" has no canonical form: use printable ASCII$/);
  });

  test.each([' a\nb', '\na'])('%j has none, since it starts with white space', (text) => {
    expect(() => canonicalYaml({ text })).toThrow(
      new RangeError(`text ${JSON.stringify(text)} has no canonical form: several lines can't start with white space`),
    );
  });

  // Text to Go, but infinite to the parser used here.
  const infinite = /^[-+.\d_]*e\+?\d{3}/i;
  const printable = fc
    .string({ unit: 'grapheme-ascii' })
    .filter((text) => !/^(<<$|[-+]?0o_*[-+])/.test(text) && !infinite.test(text));
  const lines = fc
    .array(printable, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('\n'))
    .filter((text) => !text.includes('\n') || !/^[ \n]/.test(text));

  test('every text parses back to itself', () => {
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1 }), (list) => {
        const document = { list, entries: list.map((value) => ({ value })) };
        expect(parse(canonicalYaml(document))).toEqual(document);
      }),
    );
  });
});
