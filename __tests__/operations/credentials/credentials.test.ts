import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../operations/cli';
import { CHECKOUT } from '../../../operations/deployment/find-cluster';
import { GOOD_SPEC } from '../../../specs/reference/mistakes';
import { inMemory } from '../surroundings';

describe('T-14 groundwork credentials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-credentials-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const clusters = join(folder, 'clusters');
  mkdirSync(clusters);
  mkdirSync(join(folder, 'out/stacks/infrastructure-lab'), { recursive: true });
  writeFileSync(join(clusters, 'lab.yaml'), GOOD_SPEC);
  /** A terraform that answers `output -raw <name>`, or fails. */
  const terraform = join(folder, 'terraform');
  const answers = (script: string): void => {
    writeFileSync(terraform, `#!/bin/sh\n${script}\n`);
    chmodSync(terraform, 0o755);
  };

  const run = async (): Promise<{ status: number; err: string }> => {
    const { surroundings, err } = inMemory({
      GROUNDWORK_CLUSTERS_DIR: clusters,
      CDKTF_OUTPUT: join(folder, 'out'),
      TERRAFORM_BINARY_NAME: terraform,
    });
    const files = join(folder, 'files');
    mkdirSync(files, { recursive: true });
    const status = await main(['credentials', 'lab', '--output', files], surroundings);
    return { status, err: err() };
  };

  test('writes both files, readable by their owner alone, in place of what others could read', async () => {
    answers('for last; do :; done; echo "the $last"');
    const files = join(folder, 'files');
    mkdirSync(files);
    writeFileSync(join(files, 'lab.kubeconfig'), 'old', { mode: 0o644 });
    expect(await run()).toEqual({
      status: 0,
      err: `wrote ${files}/lab.kubeconfig\nwrote ${files}/lab.talosconfig\n`,
    });
    expect(readdirSync(files)).toEqual(['lab.kubeconfig', 'lab.talosconfig']);
    expect(readFileSync(join(files, 'lab.kubeconfig'), 'utf8')).toBe('the kubeconfig\n');
    expect(readFileSync(join(files, 'lab.talosconfig'), 'utf8')).toBe('the talosconfig\n');
    for (const file of readdirSync(files)) expect(statSync(join(files, file)).mode & 0o777).toBe(0o600);
  });

  test('leaves both as they were where one can not be had', async () => {
    answers('for last; do :; done; test "$last" = kubeconfig && echo new && exit; echo "no such output" >&2; exit 1');
    expect(await run()).toEqual({
      status: 1,
      err: 'error: terraform output talosconfig of stack infrastructure-lab: no such output\n',
    });
    expect(readFileSync(join(folder, 'files/lab.kubeconfig'), 'utf8')).toBe('the kubeconfig\n');
  });

  test.each([
    'kubeconfig',
    'talosconfig',
    'lab.kubeconfig',
    'lab.talosconfig',
    'unfinished-1.kubeconfig',
    'unfinished-1.talosconfig',
  ])('git ignores %s', (file) => {
    expect(spawnSync('git', ['check-ignore', '--no-index', '-q', file], { cwd: CHECKOUT }).status).toBe(0);
  });
});
