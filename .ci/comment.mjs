/**
 * Puts a review into the pull request that it is of: one comment, which the next review of the same cluster rewrites.
 * Usage: node .ci/comment.mjs <file>; PULL_REQUEST, GITHUB_REPOSITORY and GITHUB_TOKEN in the environment.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const PER_PAGE = 100;
const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST } = process.env;
const [file = 'review.md'] = process.argv.slice(2);

const call = async (method, path, body) => {
  const response = await fetch(`${api}/repos/${GITHUB_REPOSITORY}/issues/${path}`, {
    method,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
    ...(body === undefined ? {} : { body: JSON.stringify({ body }) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

/** The comment that begins with the mark, on whatever page it is. */
const find = async (mark) => {
  for (let page = 1; ; page += 1) {
    const comments = await call('GET', `${PULL_REQUEST}/comments?per_page=${PER_PAGE}&page=${page}`);
    const found = comments.find(({ body }) => body.startsWith(mark));
    if (found !== undefined || comments.length < PER_PAGE) return found;
  }
};

const missing = Object.entries({ GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST }).filter(([, value]) => !value);
if (missing.length > 0) {
  process.stderr.write(`error: ${missing.map(([name]) => name).join(', ')} not set\n`);
  process.exitCode = 1;
} else {
  const text = readFileSync(file, 'utf8');
  const [mark] = text.split('\n');
  const comment = await find(mark);
  if (comment === undefined) await call('POST', `${PULL_REQUEST}/comments`, text);
  else await call('PATCH', `comments/${comment.id}`, text);
}
