import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const CHECKOUT = join(__dirname, '..', '..');
const FOLDER = join(CHECKOUT, '.github', 'workflows');

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly if?: string; readonly steps: readonly { readonly run?: string; readonly uses?: string }[] }
    >
  >;
}

const workflow = (file: string): Workflow => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow;

describe('T-23 workflows', () => {
  const files = readdirSync(FOLDER).sort();

  test.each(files)('%s: every script that it runs is there', (file) => {
    const runs = Object.values(workflow(file).jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run = '' }) => run.split('\n')),
    );
    const scripts = runs.flatMap((line) => line.match(/\.ci\/[\w.-]+/g) ?? []);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts)
      accessSync(join(CHECKOUT, script), script.endsWith('.mjs') ? constants.R_OK : constants.X_OK);
  });

  test.each(files)('%s: every action has a version, and nothing may write but comments', (file) => {
    const { permissions, jobs } = workflow(file);
    const actions = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(actions.filter((action) => !/@v\d+$/.test(action))).toEqual([]);
    expect(permissions).toEqual({ contents: 'read', ...(file === 'review.yml' && { 'pull-requests': 'write' }) });
  });

  test('review.yml gives the token to no fork', () => {
    expect(workflow('review.yml').jobs['review']?.if).toContain(
      'github.event.pull_request.head.repo.full_name == github.repository',
    );
  });
});
