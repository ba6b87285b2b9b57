import { spawnSync } from 'node:child_process';
import { main } from '../../operations/cli';
import { completionScript } from '../../operations/completion/completion-script';
import { inMemory } from './surroundings';

describe('groundwork', () => {
  test('--help lists every command on stdout, and is no fault', async () => {
    const { surroundings, out, err } = inMemory();
    expect(await main(['--help'], surroundings)).toBe(0);
    expect(out()).toContain('Usage: groundwork [options] [command]');
    expect(out()).toContain('Exit status: 0 good, 1 a finding or bad input, 2 wrong command line.');
    expect(err()).toBe('');
  });

  test('an unknown command is wrong use, and the closest is named', async () => {
    const { surroundings, out, err } = inMemory();
    expect(await main(['platfrom'], surroundings)).toBe(2);
    expect(err()).toBe("error: unknown command 'platfrom'\n(Did you mean platform?)\n(groundwork --help)\n");
    expect(out()).toBe('');
  });

  test('an unknown option of a command is wrong use', async () => {
    const { surroundings, err } = inMemory();
    expect(await main(['completion', 'bash', '--jsn'], surroundings)).toBe(2);
    expect(err()).toContain("error: unknown option '--jsn'");
  });
});

describe('groundwork completion', () => {
  test.each(['bash', 'zsh', 'fish'] as const)('%s is told every command', (shell) => {
    const script = completionScript(shell, [{ path: [], words: ['lab', 'platform'] }]);
    expect(script).toMatch(/lab platform/);
  });

  test('bash completes commands of every room, and their options', async () => {
    const { surroundings, out } = inMemory({ ...process.env });
    await main(['completion', 'bash'], surroundings);
    const asked = [
      ['pl'],
      ['lab', 's'],
      ['lab', 'start', '--pro'],
      ['platform', 're'],
      ['platform', 'seal', 'gitea/gitea-admin', '--f'],
      ['node', 'remove', '--dr'],
    ];
    const script = asked.map((words) =>
      [
        `COMP_WORDS=(groundwork ${words.join(' ')})`,
        `COMP_CWORD=${words.length}`,
        '_groundwork',
        'echo "${COMPREPLY[*]}"',
      ].join('\n'),
    );
    const { stdout, stderr } = spawnSync('bash', ['--norc'], {
      input: [out(), ...script].join('\n'),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'placement platform',
      'start shell status stop',
      '--profile',
      'render requests',
      '--from',
      '--dry-run --drain-timeout',
    ]);
  }, 120_000);

  test('another shell is wrong use', async () => {
    const { surroundings, err } = inMemory();
    expect(await main(['completion', 'csh'], surroundings)).toBe(2);
    expect(err()).toContain("value 'csh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.");
  });
});
