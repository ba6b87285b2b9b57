/**
 * YAML as Go's yaml.v3 writes it with its default settings. The id of a schematic is a hash of exactly these bytes, so
 * that indentation (multiples of 4; inside a list item, the dash's column + 2) and quoting have to be Go's own.
 * Source: go-yaml/yaml v3 encode.go (stringv), emitterc.go (yaml_emitter_increase_indent, yaml_emitter_analyze_scalar).
 */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

const INDENT = 4;

/** Words that YAML 1.1 took for booleans, which Go quotes for older readers. */
const OLD_BOOLEANS = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const RESOLVES_TO_OTHER =
  /^(true|True|TRUE|false|False|FALSE|null|Null|NULL|~|<<|\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF)|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)|[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
/** What YAML can't print as it is: control characters but tab and line feed, and the byte order mark. */
const SPECIAL = /[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]/;

const doubleQuoted = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
    .replace(new RegExp(SPECIAL, 'g'), (at) => `\\x${at.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}"`;

const plainAllowed = (text: string): boolean =>
  !/^[#,[\]{}&*!|>'"%@`]/.test(text) &&
  !/^[-?:]($|\s)/.test(text) &&
  !/^(---|\.\.\.)/.test(text) &&
  !/:($|\s)/.test(text) &&
  !/\s#/.test(text) &&
  !/^\s|\s$/.test(text) &&
  !text.includes('\t');

const literal = (text: string, indent: number): string => {
  const hint = /^[ \n]/.test(text) ? String(INDENT) : '';
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  const lines = text.replace(/\n$/, '').split('\n');
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`;
};

const scalar = (value: string | number | boolean, indent: number): string => {
  if (typeof value !== 'string') return String(value);
  const blockAllowed = !/ (\n|$)/.test(value) && !SPECIAL.test(value);
  if (value.includes('\n')) return blockAllowed ? literal(value, indent) : doubleQuoted(value);
  if (value === '' || RESOLVES_TO_OTHER.test(value) || BASE_60.test(value) || OLD_BOOLEANS.test(value))
    return doubleQuoted(value);
  if (SPECIAL.test(value) || value.includes('\t')) return doubleQuoted(value);
  return plainAllowed(value) ? value : `'${value.replaceAll("'", "''")}'`;
};

const next = (indent: number): number => INDENT * Math.floor((indent + INDENT) / INDENT);
const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);

const lines = (value: Extract<YamlValue, object>, indent: number): string => {
  const pad = ' '.repeat(indent);
  if (isList(value)) return value.map((item) => `${pad}- ${inner(item, indent + 2)}`).join('\n');
  return Object.entries(value)
    .map(([key, item]) => `${pad}${scalar(key, indent)}:${under(item, indent)}`)
    .join('\n');
};

const under = (value: YamlValue, indent: number): string => {
  if (typeof value !== 'object') return ` ${scalar(value, next(indent))}`;
  if (Object.keys(value).length === 0) return isList(value) ? ' []' : ' {}';
  return `\n${lines(value, next(indent))}`;
};

/** An item of a list: what is nested in it starts on the dash's own line. */
const inner = (value: YamlValue, indent: number): string => {
  if (typeof value !== 'object') return scalar(value, next(indent));
  if (Object.keys(value).length === 0) return isList(value) ? '[]' : '{}';
  return lines(value, indent).trimStart();
};

/** The document with its final newline. */
export const goYaml = (value: Extract<YamlValue, object>): string => `${lines(value, 0)}\n`;
