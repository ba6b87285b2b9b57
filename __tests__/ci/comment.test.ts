import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const SCRIPT = join(__dirname, '..', '..', '.ci', 'comment.mjs');
const MARK = '<!-- groundwork-review infrastructure -->';

interface Comment {
  readonly id: number;
  readonly body: string;
}
interface Call {
  readonly call: string;
  readonly body: string;
}

/** The three calls of GitHub's API that are made, on a list of comments. */
const github = async (comments: readonly Comment[]): Promise<{ server: Server; calls: Call[] }> => {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      calls.push({ call: `${request.method ?? ''} ${url.pathname}`, body });
      const page = Number(url.searchParams.get('page')) - 1;
      const authorized = request.headers.authorization === 'Bearer secret';
      const answer = request.method === 'GET' ? comments.slice(page * 100, page * 100 + 100) : {};
      response
        .writeHead(authorized ? 200 : 401)
        .end(JSON.stringify(authorized ? answer : { message: 'Bad credentials' }));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, calls };
};

const run = async (
  server: Server,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ status: number | null; stderr: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-comment-'));
  const file = join(folder, 'review.md');
  writeFileSync(file, `${MARK}\n### Plan\n`);
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [SCRIPT, file], {
    env: {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_REPOSITORY: 'acme/cluster',
      GITHUB_TOKEN: 'secret',
      PULL_REQUEST: '7',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stderr, [status]] = await Promise.all([text(child.stderr), closed]);
  rmSync(folder, { recursive: true });
  server.close();
  return { status, stderr };
};

describe('T-23 the review of a pull request, as a comment', () => {
  const others = Array.from({ length: 100 }, (_, id) => ({ id, body: 'fine' }));

  test('is made where there is none', async () => {
    const { server, calls } = await github([{ id: 1, body: '<!-- groundwork-review lab -->\nof another cluster' }]);
    expect(await run(server)).toEqual({ status: 0, stderr: '' });
    expect(calls).toEqual([
      { call: 'GET /repos/acme/cluster/issues/7/comments', body: '' },
      {
        call: 'POST /repos/acme/cluster/issues/7/comments',
        body: '{"body":"<!-- groundwork-review infrastructure -->\\n### Plan\\n"}',
      },
    ]);
  });

  test('is rewritten where there is one, on whatever page', async () => {
    const { server, calls } = await github([...others, { id: 777, body: `${MARK}\nold` }]);
    expect(await run(server)).toEqual({ status: 0, stderr: '' });
    expect(calls.map(({ call }) => call)).toEqual([
      'GET /repos/acme/cluster/issues/7/comments',
      'GET /repos/acme/cluster/issues/7/comments',
      'PATCH /repos/acme/cluster/issues/comments/777',
    ]);
  });

  test('that can’t be made ends with an error', async () => {
    const { server } = await github([]);
    const { status, stderr } = await run(server, { GITHUB_TOKEN: 'wrong' });
    expect(status).toBe(1);
    expect(stderr).toContain('GET 7/comments?per_page=100&page=1: 401 {"message":"Bad credentials"}');
  });

  test('says what is not set', async () => {
    const { server, calls } = await github([]);
    const said = await run(server, { GITHUB_TOKEN: '', PULL_REQUEST: '' });
    expect(said).toEqual({ status: 1, stderr: 'error: GITHUB_TOKEN, PULL_REQUEST not set\n' });
    expect(calls).toEqual([]);
  });
});
