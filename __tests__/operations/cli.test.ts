import { main } from '../../operations/cli';
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
  test.each(['bash', 'zsh', 'fish'])('%s knows every command', async (shell) => {
    const { surroundings, out } = inMemory();
    expect(await main(['completion', shell], surroundings)).toBe(0);
    expect(out()).toMatch(/completion .*lab .*platform/);
  });

  test('another shell is wrong use', async () => {
    const { surroundings, err } = inMemory();
    expect(await main(['completion', 'csh'], surroundings)).toBe(2);
    expect(err()).toContain("value 'csh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.");
  });
});
