import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsOfLine } from './shell-words';

const CHECKOUT = join(__dirname, '..', '..');

/** A command that a document tells people to type. */
export interface DocumentedCommand {
  /** File and line, as `docs/OPERATIONS.md:12`. */
  readonly place: string;
  readonly words: readonly string[];
}

/** Programs that a document speaks of; in running text only these words begin a command. */
export const PROGRAMS = [
  ...['groundwork', 'npm', 'npx', 'cdktf', 'terraform', 'kubectl', 'talosctl', 'flux', 'helm', 'kubeseal', 'direnv'],
  ...['pveum', 'pvesh', 'pvesm', 'vault', 'nix', 'git', 'curl'],
] as const;

const FENCE = /^\s*```(\w*)/;

/** Command lines of a Markdown text: every line of a block marked `sh`, and code in running text that begins with a program. */
export const commandsOfText = (text: string, file: string): DocumentedCommand[] => {
  let block: string | undefined;
  /** The beginning of a command that goes on in the next line. */
  let begun = '';
  return text.split('\n').flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    const fence = FENCE.exec(line);
    if (fence !== null) {
      block = block === undefined ? (fence[1] ?? '') : undefined;
      return [];
    }
    if (block !== undefined) {
      if (block !== 'sh') return [];
      const whole = `${begun}${line}`;
      begun = whole.endsWith('\\') ? whole.slice(0, -1) : '';
      return begun === '' ? commandsOfLine(whole).map((words) => ({ place, words })) : [];
    }
    return [...line.matchAll(/`([^`]+)`/g)]
      .flatMap(([, code = '']) => commandsOfLine(code.replaceAll('…', '')))
      .filter((words) => words.length > 1 && PROGRAMS.some((program) => program === words[0]))
      .map((words) => ({ place, words }));
  });
};

/** The documents that a person reads: those of the root, docs/ with the decisions, and the README of every room. */
export const documents = (): readonly string[] => {
  const rooms = [
    'lab',
    'platform',
    'benchmarks',
    'toolchain',
    'specs',
    'modules/model',
    'operations',
    '__tests__/rehearsal',
  ];
  const inFolder = (folder: string): string[] =>
    readdirSync(join(CHECKOUT, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md')
      .map(({ name }) => join(folder, name));
  return ['.', 'docs', 'docs/adr', ...rooms].flatMap(inFolder).sort();
};

export const documentedCommands = (): readonly DocumentedCommand[] =>
  documents().flatMap((file) => commandsOfText(readFileSync(join(CHECKOUT, file), 'utf8'), file));
