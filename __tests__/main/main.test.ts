import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { validSpec, type SpecFields } from '../fixtures/valid-spec';
import { expectGolden } from '../setup/golden';

const ROOT = join(__dirname, '../..');

describe('main.ts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-main-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let runs = 0;
  const run = (environment: Record<string, string> = {}): { status: number | null; stderr: string; output: string } => {
    const output = join(folder, `out${runs++}`);
    const { status, stderr } = spawnSync(process.execPath, ['-r', 'tsx/cjs', 'main.ts'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', CDKTF_OUTDIR: output, ...environment },
    });
    return { status, stderr: stderr.toString().replaceAll(folder, '<folder>'), output };
  };

  /** A folder of clusters in place of clusters/. */
  const clusters = (name: string, files: Record<string, unknown>): Record<string, string> => {
    const path = join(folder, name);
    mkdirSync(path);
    for (const [file, spec] of Object.entries(files)) {
      writeFileSync(join(path, `${file}.ts`), `export const ${file} = ${JSON.stringify(spec)};\n`);
    }
    return { GROUNDWORK_CLUSTERS_DIR: path };
  };
  const spec = (changes: SpecFields): unknown => validSpec(changes);

  test('synthesizes the clusters of the repository, the same at every run', () => {
    const first = run();
    const second = run({ TZ: 'Asia/Tokyo', HOME: '/nonexistent' });
    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' });
    const text = readFileSync(join(first.output, 'stacks/infrastructure/cdk.tf.json'), 'utf8');
    expect(text).toBe(readFileSync(join(second.output, 'stacks/infrastructure/cdk.tf.json'), 'utf8'));
    expectGolden(join(__dirname, '__snapshots__/infrastructure.cdk.tf.json'), `${text}\n`);
  });

  test('settings of a rehearsal come by the environment', () => {
    const { output } = run({ GROUNDWORK_STATE_DIR: '/rehearsal/state', GROUNDWORK_PROVIDER_VERSIONS: 'null=1.0.0' });
    const text = readFileSync(join(output, 'stacks/infrastructure/cdk.tf.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      terraform: {
        backend: { local: { path: '/rehearsal/state/infrastructure.tfstate' } },
        required_providers: { null: { version: '1.0.0' }, helm: { version: '3.1.1' } },
      },
    });
  });

  test('O-5 a state elsewhere is one setting, of the spec or of the environment, which a rehearsal gives', () => {
    const elsewhere = clusters('elsewhere', { one: spec({ state: 's3://terraform-state' }) });
    const backend = (environment: Record<string, string>): unknown => {
      const { output } = run({ ...elsewhere, ...environment });
      const text = readFileSync(join(output, 'stacks/infrastructure/cdk.tf.json'), 'utf8');
      return (JSON.parse(text) as { terraform: { backend: unknown } }).terraform.backend;
    };
    expect(backend({})).toMatchObject({ s3: { bucket: 'terraform-state', key: 'infrastructure.tfstate' } });
    expect(backend({ GROUNDWORK_STATE: 'local', GROUNDWORK_STATE_DIR: join(folder, 'states') })).toEqual({
      local: { path: join(folder, 'states', 'infrastructure.tfstate') },
    });
    expect(run(elsewhere).stderr).toBe(
      'note: where a deploy of infrastructure was cut off, before the next one: npx groundwork recover infrastructure\n',
    );
    expect(run({ GROUNDWORK_STATE: 'gcs://other' })).toMatchObject({
      status: 1,
      stderr: 'error: state "gcs://other" is not known; use local, postgres or s3://<bucket>\n',
    });
  });

  test('O-5 after a local deploy that was cut off, the next one names the command that looks, in what Terraform says', () => {
    const states = join(folder, 'cut-off');
    mkdirSync(states);
    writeFileSync(join(states, '.infrastructure.tfstate.lock.info'), '{}');
    const { stderr, output } = run({ GROUNDWORK_STATE_DIR: states });
    const words =
      'a deploy of infrastructure was cut off, or runs now; before the next one: npx groundwork recover infrastructure';
    expect(stderr).toBe(`note: ${words}\n`);
    // cdktf shows nothing of that, and all that Terraform says.
    const json = JSON.parse(readFileSync(join(output, 'stacks/infrastructure/cdk.tf.json'), 'utf8')) as object;
    expect(json).toMatchObject({
      check: { last_deploy: { assert: [{ condition: '${terraform.workspace == ""}', error_message: `${words}.` }] } },
    });
    rmSync(join(states, '.infrastructure.tfstate.lock.info'));
    const next = run({ GROUNDWORK_STATE_DIR: states }).output;
    expect(readFileSync(join(next, 'stacks/infrastructure/cdk.tf.json'), 'utf8')).not.toContain('last_deploy');
  });

  test('O-5 state files and what Terraform writes beside its JSON are for their owner alone', () => {
    const states = join(folder, 'private');
    const { output } = run({ GROUNDWORK_STATE_DIR: states });
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect(mode(join(states, 'infrastructure.tfstate'))).toBe('600');
    expect(mode(join(states, 'infrastructure.tfstate.backup'))).toBe('600');
    expect(mode(output)).toBe('700');
  });

  test('tells all that is wrong in all clusters, and synthesizes nothing', () => {
    const wrong = {
      blue: spec({ name: 'blue', colour: 'blue', vip: { address: '10.0.1.2' } }),
      green: spec({ name: 'green' }),
    };
    const { status, stderr, output } = run(clusters('wrong', wrong));
    expect(stderr).toBe(
      [
        'error unknown-field at colour (<folder>/wrong/blue.ts, blue)',
        '  field "colour" is not known here; known are name, network, vip, loadBalancerPools, announcements, nodePools, proxmox, images, talos, cilium, tailscale, flux, platform, airGap, state, versions',
        '  fix: remove it',
        '',
        'error duplicate-address at nodePools.controlplane.firstAddress (<folder>/wrong/blue.ts, blue)',
        '  address 10.0.1.2 is held by the VIP and node controlplane1',
        '  fix: move node controlplane1: begin its pool at another address',
        '',
        '2 errors, 0 warnings',
        'error: nothing is synthesized until the errors are mended',
        '',
      ].join('\n'),
    );
    expect(status).toBe(1);
    expect(existsSync(output)).toBe(false);
  });

  test('a warning is told and goes on; every cluster is a stack of its own', () => {
    const even = spec({
      name: 'lab',
      nodePools: { controlplane: { count: 4 } },
      proxmox: { endpoint: 'https://titan:8006/' },
    });
    const { status, stderr, output } = run(clusters('two', { one: spec({}), even }));
    expect(stderr).toMatch(
      /^warning even-control-planes at nodePools\.controlplane\.count \(<folder>\/two\/even\.ts, even\)\n/,
    );
    expect(status).toBe(0);
    expect(readdirSync(join(output, 'stacks'))).toEqual(['infrastructure', 'infrastructure-lab']);
  });

  test('a file that is no spec is told with its place, and without a stack trace', () => {
    const path = join(folder, 'broken');
    mkdirSync(path);
    writeFileSync(join(path, 'fails.ts'), "export const fails = 1;\n\n  throw new Error('of its own');\n");
    writeFileSync(join(path, 'half.ts'), 'export const half = {\n');
    writeFileSync(join(path, 'nameless.ts'), 'const nameless = {};\nexport default nameless;\n');
    const { status, stderr } = run({ GROUNDWORK_CLUSTERS_DIR: path });
    expect(stderr).toBe(
      [
        'error broken-file at the file (<folder>/broken/fails.ts:3:9)',
        "  can't be loaded: of its own",
        '  fix: mend the file; `npx tsc --noEmit -p .` says what else is wrong in it',
        '',
        'error broken-file at the file (<folder>/broken/half.ts:2:1)',
        "  can't be loaded: Expected identifier but found end of file",
        '  fix: mend the file; `npx tsc --noEmit -p .` says what else is wrong in it',
        '',
        'error no-cluster at the file (<folder>/broken/nameless.ts)',
        '  exports no cluster by a name',
        "  fix: write, for example, export const lab: ClusterSpec = { name: 'lab', … }; and export no default",
        '',
        '3 errors, 0 warnings',
        'error: nothing is synthesized until the errors are mended',
        '',
      ].join('\n'),
    );
    expect(status).toBe(1);
  });

  test('T-2 the same spec as YAML is the same JSON', () => {
    const path = join(folder, 'yaml');
    mkdirSync(path);
    writeFileSync(join(path, 'infrastructure.yaml'), stringify(spec({})));
    const yaml = run({ GROUNDWORK_CLUSTERS_DIR: path });
    const typescript = run(clusters('typescript', { infrastructure: spec({}) }));
    expect({ status: yaml.status, stderr: yaml.stderr }).toEqual({ status: 0, stderr: '' });
    const jsonOf = (output: string): string => readFileSync(join(output, 'stacks/infrastructure/cdk.tf.json'), 'utf8');
    expect(jsonOf(yaml.output)).toBe(jsonOf(typescript.output));
  });

  test('no two clusters have one name', () => {
    const same = run(clusters('same', { one: spec({}), other: spec({}) }));
    expect(same.stderr).toBe(
      [
        'error duplicate-cluster at name (<folder>/same/other.ts, other)',
        '  another cluster is called "infrastructure", too; stack, state and the tag of VMs follow from the name',
        '  fix: rename one of the two',
        '',
        '1 error, 0 warnings',
        'error: nothing is synthesized until the errors are mended',
        '',
      ].join('\n'),
    );
    expect(same.status).toBe(1);
  });

  test('a version that is none is told without a stack trace', () => {
    const { status, stderr } = run({ GROUNDWORK_PROVIDER_VERSIONS: 'helm=3' });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'error: version "3" of provider helm is not exact; write it as helm=1.2.3\n',
    });
  });
});
