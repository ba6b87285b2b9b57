import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { faultsOf } from '../docs/command-faults';
import { everyHelp } from '../docs/own-programs';
import { commandsOfLine } from '../docs/shell-words';

const CHECKOUT = join(__dirname, '..', '..');
const LIMIT_MS = 120_000;

/** Commands that report nothing, and what they give instead. */
const NO_REPORT: Readonly<Record<string, string>> = {
  completion: 'a script for a shell',
  credentials: 'two files',
  'etcd restore': 'a cluster as it was',
  'node remove': 'a cluster without the node',
  'placement move': 'a line in the record',
  'spec schema': 'a JSON schema',
  'spec manual': 'a document',
  'lab start': 'a lab that runs',
  'lab shell': 'a shell',
  'lab exec': "a command's own output",
  'lab stop': 'the end of a lab',
  'platform render': 'a tree of files',
  'platform graph': 'a diagram',
  'platform seal': 'a file',
  teardown: 'a state without what would hold a destroy up',
};

/** These end as the program does that they run. */
const HANDS_ON = ['lab shell', 'lab exec'];

describe('every command', () => {
  const helps = everyHelp();
  const names = Object.keys(helps);
  const lacking = (pattern: RegExp, but: readonly string[] = []): string[] =>
    names.filter((name) => !pattern.test(helps[name] ?? '') && !but.includes(name));

  test('is known here', () => {
    expect(names.length).toBeGreaterThan(20);
    expect(Object.keys(NO_REPORT).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('has --json where it reports', () => {
    expect(lacking(/^ +--json /m, Object.keys(NO_REPORT))).toEqual([]);
    expect(Object.keys(NO_REPORT).filter((name) => /^ +--json /m.test(helps[name] ?? ''))).toEqual([]);
  });

  test('ends its help with examples, and with what its exit status means', () => {
    expect(lacking(/^Examples:\n( {2}\$ .+\n)+\nExit status: .+\.\s*$/m)).toEqual([]);
    const meaning = /^Exit status: 0 good, 1 [^,].*, 2 wrong command line(, 130 stopped by Ctrl-C)?\.$/m;
    expect(lacking(meaning, HANDS_ON)).toEqual([]);
  });

  test(
    'has examples of itself that its own parser takes',
    async () => {
      const examples = names.flatMap((name) =>
        [...(helps[name] ?? '').matchAll(/^ {2}\$ (.+)$/gm)].flatMap(([, line = '']) =>
          commandsOfLine(line).map((words) => ({ place: name, words })),
        ),
      );
      expect(examples.filter(({ place, words }) => place.includes(' ') && !words.join(' ').includes(place))).toEqual(
        [],
      );
      expect(await faultsOf(examples)).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('colours', () => {
  const PLAN = join(CHECKOUT, '__tests__/operations/review/plans/worker-removed.json');
  const COMMAND = `'${process.execPath}' bin/groundwork.cjs review infrastructure --plan '${PLAN}'`;
  const ESCAPE = '\u001b[';

  /** What a command writes to a terminal: `script` of util-linux gives it one. */
  const onTerminal = (environment: Readonly<Record<string, string>>): string =>
    spawnSync('script', ['--quiet', '--return', '--command', COMMAND, '/dev/null'], {
      cwd: CHECKOUT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', TERM: 'xterm', ...environment },
    }).stdout;

  test(
    'are there on a terminal, and not with NO_COLOR',
    () => {
      expect(onTerminal({})).toContain(`${ESCAPE}33mhigh`);
      const plain = onTerminal({ NO_COLOR: '1' });
      expect(plain).toContain('worker1 is destroyed');
      expect(plain).not.toContain(ESCAPE);
    },
    LIMIT_MS,
  );

  test(
    'are not there where the output goes to a file',
    () => {
      const { stdout } = spawnSync(COMMAND, { cwd: CHECKOUT, encoding: 'utf8', shell: true });
      expect(stdout).toContain('worker1 is destroyed');
      expect(stdout).not.toContain(ESCAPE);
    },
    LIMIT_MS,
  );
});
