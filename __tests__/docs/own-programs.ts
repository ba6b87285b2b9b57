import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError, type Command } from 'commander';
import { program as labProgram } from '../../lab/cli';
import { commandTree } from '../../operations/cli';
import { inMemory } from '../operations/surroundings';
import { reported } from '../platform/platform-process';

const CHECKOUT = join(__dirname, '..', '..');

/** Every command of a tree, itself included. */
export const everyCommand = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(everyCommand),
];

/** The same parser as a person gets, which says what is wrong and does nothing. */
const harmless = (program: Command): Command => {
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => undefined);
  }
  return program;
};

const parserFault = async (program: Command, words: readonly string[]): Promise<string | undefined> => {
  try {
    await harmless(program).parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
};

/** The tree of `groundwork` with the file of every command loaded. */
export const groundworkProgram = (): Command =>
  commandTree(
    inMemory().surroundings,
    () => undefined,
    () => true,
  );

/** The help of each command as a person sees it, by its name with all that stands before; a command that only holds others is left out. */
const helpsOf = (program: Command, path: readonly string[]): Record<string, string> => {
  const below = program.commands.map((command) => helpsOf(command, [...path, command.name()]));
  if (program.commands.length > 0 && program.registeredArguments.length === 0)
    return Object.assign({}, ...below) as Record<string, string>;
  let help = '';
  program.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  return Object.assign({ [path.join(' ')]: help }, ...below) as Record<string, string>;
};

/** The help of every command: groundwork's, the lab's and the platform's. */
export const everyHelp = (): Readonly<Record<string, string>> => {
  const { lab, platform, ...own } = helpsOf(groundworkProgram(), []);
  if (lab === undefined || platform === undefined) throw new Error('groundwork lacks lab or platform');
  return {
    ...own,
    ...helpsOf(
      labProgram(() => undefined),
      ['lab'],
    ),
    ...reported('esm/command-help.ts'),
  };
};

/** What the lab's own parser says. */
export const labFault = (words: readonly string[]): Promise<string | undefined> =>
  parserFault(
    labProgram(() => undefined),
    words,
  );

/** What the platform's own parser says to each command line, in one process. */
export const platformFaults = (lines: readonly (readonly string[])[]): readonly (string | undefined)[] => {
  const said = reported('esm/parse-commands.ts', JSON.stringify(lines));
  return lines.map((_, index) => (said[index] === '' ? undefined : said[index]));
};

/** What the parser of `groundwork` says; of `groundwork platform` {@link platformFaults} knows more. */
export const groundworkFault = ([command = '', ...rest]: readonly string[]): Promise<string | undefined> =>
  command === 'lab' ? labFault(rest) : parserFault(groundworkProgram(), [command, ...rest]);

const { scripts, bin } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
};

/** `npm start -- …` is `groundwork lab rehearse …`; of the other scripts only the name is looked at. */
export const npmFault = async ([command = '', ...rest]: readonly string[]): Promise<string | undefined> => {
  const passed = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : [];
  if (command === 'ci' || command === 'install') return undefined;
  const script = command === 'run' ? rest[0] : command;
  if (rest.includes('-w'))
    return existsSync(join(CHECKOUT, 'node_modules', rest.at(-1) ?? '')) ? undefined : 'no such workspace';
  if (script === undefined || scripts[script] === undefined) return `package.json has no script "${script ?? ''}"`;
  return script === 'start' ? labFault(['rehearse', ...passed]) : undefined;
};

const helps = new Map<string, string>();

/** cdktf's own help of one of its commands. */
const cdktfHelp = (command: string): string => {
  const known = helps.get(command);
  if (known !== undefined) return known;
  const bin = join(CHECKOUT, 'node_modules', '.bin', 'cdktf');
  const { stdout } = spawnSync(bin, [command, '--help'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
    env: { ...process.env, CHECKPOINT_DISABLE: '1', CI: '1' },
  });
  helps.set(command, stdout);
  return stdout;
};

export const cdktfFault = ([command = '', ...rest]: readonly string[]): string | undefined => {
  const help = cdktfHelp(command);
  if (!help.startsWith(`cdktf ${command}`)) return `cdktf has no command "${command}"`;
  const options = rest.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0] ?? '');
  const unknown = options.filter((option) => !new RegExp(`\\s${option}[\\s,]`).test(help));
  return unknown.length === 0 ? undefined : `cdktf ${command} has no ${unknown.join(', ')}`;
};

/** Whether the checkout or one of its packages brings the program. */
export const npxFault = (name: string): string | undefined =>
  bin[name] !== undefined || existsSync(join(CHECKOUT, 'node_modules', '.bin', name))
    ? undefined
    : `npx ${name}: no package of the checkout has it`;
