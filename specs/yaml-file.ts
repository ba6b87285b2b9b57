import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Pair,
  type YAMLError,
} from 'yaml';
import type { Issue, Place } from '../modules/model/issue';
import { fileIssue, type SpecFile } from './file-issue';

/**
 * One document, YAML 1.2, is the spec of one cluster.
 * @param file what messages call it
 */
export const readYaml = (text: string, file: string): SpecFile => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const faults = [...document.errors, ...document.warnings].filter(
    ({ pos }, index, all) => all.findIndex((other) => other.pos[0] === pos[0]) === index, // one for each place
  );
  const issues = faults.map((fault): Issue =>
    fault.code === 'DUPLICATE_KEY'
      ? duplicateKey(document, fault.pos[0], at)
      : fileIssue('yaml-syntax', at(fault.pos[0]), wordsOf(fault), SYNTAX_FIX),
  );
  // A key that stands twice leaves the rest as readable as it was; after a fault of syntax, findings would be guesses.
  if (faults.some(({ code }) => code !== 'DUPLICATE_KEY')) return { specs: [], issues };
  try {
    const spec: unknown = document.toJS();
    return { specs: [{ spec, placeOf: (path, code) => at(offsetOf(document, path, code)) }], issues };
  } catch (error) {
    // An alias without its anchor, or aliases that would unfold without end
    if (!(error instanceof ReferenceError)) throw error;
    const place = at(brokenAlias(document));
    return { specs: [], issues: [...issues, fileIssue('yaml-syntax', place, lowerFirst(error.message), SYNTAX_FIX)] };
  }
};

const SYNTAX_FIX =
  'mend the line: two spaces for each level, a space after each colon, quotes where a text holds a colon';

const wordsOf = ({ code, message }: YAMLError): string =>
  code === 'MULTIPLE_DOCS' ? 'a second document begins here; a file holds one cluster' : lowerFirst(message);

/** Where the first alias stands whose anchor is nowhere before it, or else the first alias of all. */
const brokenAlias = (document: Document): number => {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  const broken = aliases.find((alias) => alias.resolve(document) === undefined) ?? aliases[0];
  return broken?.range?.[0] ?? 0;
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const duplicateKey = (document: Document, offset: number, at: (offset: number) => Place): Issue => {
  let found: { key: string; first: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const again = items.find((pair) => startOf(pair.key) === offset);
      if (again === undefined) return undefined;
      const key = nameOf(again);
      found = { key, first: startOf(items.find((pair) => nameOf(pair) === key)?.key) ?? offset };
      return visit.BREAK;
    },
  });
  const { key, first } = found ?? { key: '', first: offset };
  return fileIssue(
    'duplicate-key',
    at(offset),
    `key "${key}" stands twice; the first is on line ${at(first).line ?? 1}`,
    'remove one of them',
  );
};

const nameOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

const startOf = (node: unknown): number | undefined =>
  isScalar(node) || isCollection(node) ? node.range?.[0] : undefined;

/**
 * Where a person looks first: at the value of a field, at the key of a whole section or of a field that should not be there, and
 * where the field is missing at the section that lacks it.
 */
const offsetOf = (document: Document, path: string, code: string): number => {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  let rest = path;
  while (rest !== '') {
    const step = isMap(node) ? entryOf(node.items, rest) : isSeq(node) ? itemOf(node.items, rest) : undefined;
    if (step === undefined) break;
    ({ node, rest } = step);
    const value = isScalar(node) && code !== 'unknown-field' ? startOf(node) : undefined;
    offset = value ?? step.offset ?? offset;
  }
  return offset;
};

interface Step {
  readonly node: unknown;
  readonly rest: string;
  readonly offset: number | undefined;
}

/** The entry that the path begins with. The longest, since a key that a person wrote may hold a dot. */
const entryOf = (items: readonly Pair[], path: string): Step | undefined => {
  const [pair] = items
    .filter(
      (item) => path === nameOf(item) || path.startsWith(`${nameOf(item)}.`) || path.startsWith(`${nameOf(item)}[`),
    )
    .sort((one, other) => nameOf(other).length - nameOf(one).length);
  if (pair === undefined) return undefined;
  return { node: pair.value, rest: path.slice(nameOf(pair).length).replace(/^\./, ''), offset: startOf(pair.key) };
};

const itemOf = (items: readonly unknown[], path: string): Step | undefined => {
  const [whole, index] = /^\[(\d+)\]\.?/.exec(path) ?? [];
  if (whole === undefined) return undefined;
  const node = items[Number(index)];
  return { node, rest: path.slice(whole.length), offset: startOf(node) };
};
