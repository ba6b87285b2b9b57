import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lineSplitter, mustRun, runCommand } from '../../../lab/world/command';

const shell = (script: string, options = {}) => runCommand('sh', ['-c', script], options);

describe('commands', () => {
  test('output, lines as they come, and the status', async () => {
    const lines: string[] = [];
    const result = await shell('echo one; printf two; echo three >&2; exit 3', {
      onLine: (line: string, stream: string) => lines.push(`${stream} ${line}`),
    });
    expect(result).toMatchObject({ status: 3, stdout: 'one\ntwo', stderr: 'three\n' });
    expect(lines.sort()).toEqual(['stderr three', 'stdout one', 'stdout two']);
  });

  test('input, folder, and an environment that inherits nothing', async () => {
    const result = await shell('cat; pwd; echo "$A-$HOME"', {
      input: 'hello\n',
      cwd: '/usr',
      environment: { A: 'a', PATH: '/usr/bin:/bin' },
    });
    expect(result.stdout).toBe('hello\n/usr\na-\n');
  });

  test('a command that ends by a signal has the status that a shell gives it', async () => {
    expect((await shell('kill -TERM $$')).status).toBe(143);
  });

  test('a timeout kills the children too', async () => {
    const { status, seconds } = await shell('sleep 30 & sleep 30', { timeoutMs: 100 });
    expect(status).toBe(137);
    expect(seconds).toBeLessThan(5);
  });

  test('an aborted command has status 130', async () => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 50);
    expect((await shell('sleep 30', { signal: controller.signal })).status).toBe(130);
    expect((await shell('sleep 30', { signal: controller.signal })).status).toBe(130);
  });

  test('both streams go to the log file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-command-'));
    const logFile = join(folder, 'a.log');
    await shell('echo one', { logFile });
    await shell('echo two >&2', { logFile });
    expect(readFileSync(logFile, 'utf8')).toBe('one\ntwo\n');
    rmSync(folder, { recursive: true });
  });

  test('a program that is not there', async () => {
    await expect(runCommand('groundwork-none', [])).rejects.toThrow(
      "groundwork-none can't be started: spawn groundwork-none ENOENT",
    );
  });

  test('a command that must succeed fails with its own words', async () => {
    await expect(mustRun(runCommand, 'sh', ['-c', 'echo no bridge >&2; exit 2'])).rejects.toThrow(
      'sh -c echo no bridge >&2; exit 2 failed with status 2: no bridge',
    );
  });

  test('lines are whole, also where a character or a line end is cut in two', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    const bytes = Buffer.from('für\r\nzwei\nrest');
    for (const byte of bytes) splitter.write(Buffer.from([byte]));
    splitter.end();
    expect(lines).toEqual(['für', 'zwei', 'rest']);
  });
});
