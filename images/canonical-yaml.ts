/** What schematics hold: mappings, lists, numbers, booleans and printable ASCII text. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | YamlMapping;
export interface YamlMapping {
  readonly [key: string]: YamlValue;
}

/**
 * YAML byte for byte as Go's encoder writes it: a schematic's id is the hash of that text. Keys keep their order.
 *
 * Measured against gopkg.in/yaml.v3 3.0.1 and go.yaml.in/yaml/v4 4.0.0-rc.4, which agree on all that is written here. What is
 * refused they write differently from each other, or so that they can't read it back.
 * @throws RangeError on other characters than printable ASCII, disputed texts, and several lines that start with white space
 */
export const canonicalYaml = (document: YamlMapping): string => `${entries(document, 0).join('\n')}\n`;

const pad = (indent: number): string => ' '.repeat(indent);
/** The next multiple of four, also from within a list item, which stands two further in than its dash. */
const deeper = (indent: number): number => 4 * Math.floor((indent + 4) / 4);

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);
const isFilled = (value: YamlValue): value is readonly YamlValue[] | YamlMapping =>
  typeof value === 'object' && Object.keys(value).length > 0;

const entries = (mapping: YamlMapping, indent: number): string[] =>
  Object.entries(mapping).flatMap(([key, value]) => {
    const head = `${pad(indent)}${inline(key)}:`;
    if (isFilled(value)) return [head, ...nested(value, deeper(indent))];
    const [first = '', ...rest] = leaf(value, deeper(indent));
    return [`${head} ${first}`, ...rest];
  });

const items = (list: readonly YamlValue[], indent: number): string[] =>
  list.flatMap((value) => {
    const [first = '', ...rest] = isFilled(value) ? nested(value, indent + 2) : leaf(value, indent + 2);
    return [`${pad(indent)}- ${first.trimStart()}`, ...rest];
  });

const nested = (value: readonly YamlValue[] | YamlMapping, indent: number): string[] =>
  isList(value) ? items(value, indent) : entries(value, indent);

/** The rest of the line of a key or dash, and the lines of a literal block at `indent`. */
const leaf = (value: YamlValue, indent: number): string[] => {
  if (typeof value === 'object') return [isList(value) ? '[]' : '{}'];
  if (typeof value !== 'string') return [String(value)];
  return value.includes('\n') ? literal(value, indent) : [inline(value)];
};

const literal = (text: string, indent: number): string[] => {
  const lines = text.split('\n');
  if (/^[ \n]/.test(text)) {
    throw new RangeError(
      `text ${JSON.stringify(text)} has no canonical form: several lines can't start with white space`,
    );
  }
  if (lines.some((line) => line.endsWith(' '))) return [doubleQuoted(lines.map(ascii).join('\n'))];
  const body = lines.map((line) => (line === '' ? '' : pad(indent) + ascii(line)));
  if (!text.endsWith('\n')) return ['|-', ...body];
  return [text.endsWith('\n\n') ? '|+' : '|', ...body.slice(0, -1)];
};

const inline = (text: string): string => {
  if (readsAsOther(text)) return doubleQuoted(text);
  return hasIndicator(ascii(text)) ? `'${text.replaceAll("'", "''")}'` : text;
};

const doubleQuoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const ascii = (text: string): string => {
  if (/^[ -~]*$/.test(text) && !DISPUTED.test(text)) return text;
  throw new RangeError(`text ${JSON.stringify(text)} has no canonical form: use printable ASCII`);
};

/** What can't stand there without quotes, since it would begin or end something. */
const hasIndicator = (text: string): boolean =>
  /^[ #,[\]{}&*!|>'"%@`]|^[-?:]( |$)|^(---|\.\.\.)|:( |$)| #| $/.test(text);

/** Text to one of the two encoders, something else to the other: a merge key, and an octal number with its sign inside. */
const DISPUTED = /^(<<$|[-+]?0o_*[-+])/;
const WORDS = /^(|~|null|Null|NULL|\.(nan|NaN|NAN)|[-+]?\.(inf|Inf|INF))$/;
/** Those of YAML 1.1 too: Go quotes them for the sake of older readers. */
const BOOLEANS = /^(true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const INTEGER_OF_BASE = /^[-+]?0([xX][\da-fA-F]{1,16}|[oO][0-7]{1,21}|[bB][01]{1,63})$/;
const DECIMAL = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
/** `10:20`, and a MAC address whose digits are all decimal: a number of base 60 in YAML 1.1. */
const SEXAGESIMAL = /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/;
const DATE = /^\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])/;
const TIME = /^([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)?$/;

/** True where the text without quotes would be read as something else than text. */
const readsAsOther = (text: string): boolean => {
  if (WORDS.test(text) || BOOLEANS.test(text) || SEXAGESIMAL.test(text)) return true;
  if (DATE.test(text) && TIME.test(text.replace(DATE, ''))) return true;
  const plain = text.replaceAll(/^[-+\d]/.test(text) ? '_' : /(?<=\d)_(?=\d)/g, '');
  return INTEGER_OF_BASE.test(plain) || (DECIMAL.test(plain) && Number.isFinite(Number(plain)));
};
