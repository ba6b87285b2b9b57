import { statSync } from 'node:fs';
import { rehearse } from '../../../lab/rehearsal/rehearse';
import type { RehearsalReport } from '../../../lab/rehearsal/report';
import { createScreen } from '../../../lab/rehearsal/screen';
import type { RehearsalOptions, RunningLab } from '../../../lab/world/running-lab';
import { fakeLab, startFakeApi, type FakeApi, type FakeCommand } from './data-centre';

const OPTIONS: RehearsalOptions = { destroy: true, keep: false, json: true, profile: 'instant' };
const DEPLOYED: FakeCommand = {
  lines: [
    'infrastructure  helm_release.cilium (Cilium/Resource): Creating...',
    'infrastructure  helm_release.cilium (Cilium/Resource): Creation complete after 3s [id=cilium]',
    'infrastructure  Apply complete! Resources: 34 added, 0 changed, 0 destroyed.',
  ],
};

describe('T-23 a rehearsal', () => {
  let fake: FakeApi;
  let commands: string[];
  let said: string;
  let printed: string;

  const run = (lab: RunningLab, options: Partial<RehearsalOptions> = {}): Promise<number> => {
    const data = { write: (text: string) => (printed += text) };
    const status = { write: (text: string) => (said += text) };
    const screen = createScreen({ data, status, live: false, colours: false });
    return rehearse(lab, { ...OPTIONS, ...options }, { screen, patienceMs: 0 });
  };
  const labThat = (deploy: FakeCommand): RunningLab =>
    fakeLab((command) => {
      commands.push(command);
      if (command.startsWith('cdktf deploy')) return deploy;
      if (command.endsWith('kubeconfig')) return { stdout: fake.kubeconfig };
      if (command.endsWith('talosconfig')) return { stdout: 'context: c\ncontexts: {c: {ca: "", crt: "", key: ""}}\n' };
      return { stdout: 'No changes.' };
    });
  const reported = (): RehearsalReport => JSON.parse(printed) as RehearsalReport;

  beforeAll(async () => {
    fake = await startFakeApi();
  });
  afterAll(() => fake.close());
  beforeEach(() => {
    commands = [];
    said = '';
    printed = '';
  });

  test('runs what a user would run, in order, and writes the credentials for their owner alone', async () => {
    const lab = labThat(DEPLOYED);
    await run(lab);
    expect(commands).toEqual([
      'cdktf deploy infrastructure --auto-approve --no-color',
      'terraform output -raw -no-color kubeconfig',
      'terraform output -raw -no-color talosconfig',
      'cdktf diff infrastructure --no-color',
      'terraform plan -detailed-exitcode -input=false -no-color',
      'cdktf destroy infrastructure --auto-approve --no-color',
    ]);
    const modes = ['KUBECONFIG', 'TALOSCONFIG'].map((name) => statSync(lab.environment[name] ?? '').mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
  });

  test('every check is in the report, also those that could not look, and the status is 1 then', async () => {
    expect(await run(labThat(DEPLOYED))).toBe(1);
    expect(reported().checks.map(({ check, status }) => `${status} ${check}`)).toEqual([
      'PASS deploy',
      'PASS credentials',
      'FAIL nodes-ready',
      'FAIL vip-holder',
      'FAIL etcd-quorum',
      'FAIL helm-releases',
      'PASS second-plan',
      'PASS destroy',
    ]);
    expect(reported()).toMatchObject({
      version: 1,
      status: 1,
      seconds: { synth: 1.25, world: 4, deploy: 1.5, secondPlan: 1.5, diff: 1.5, destroy: 1.5 },
      peakMemoryBytes: 2 ** 30,
    });
    expect(reported().checks.every(({ status, fix }) => (fix !== undefined) === (status === 'FAIL'))).toBe(true);
    expect(said).toContain('[6/8] Cilium: done in ');
  });

  test('a deploy that fails shows the last lines and the place of the logs, and goes no further', async () => {
    const lab = labThat({ status: 1, lines: ['Error: the VM is not there'] });
    expect(await run(lab)).toBe(1);
    expect(commands).toEqual(['cdktf deploy infrastructure --auto-approve --no-color']);
    expect(said).toContain('  Error: the VM is not there\n');
    expect(said).toContain(`logs: ${lab.logFolder}\n`);
    expect(reported().checks).toMatchObject([{ check: 'deploy', status: 'FAIL', fix: `look into ${lab.logFolder}` }]);
  });

  test('a lab that is kept is not destroyed', async () => {
    await run(labThat(DEPLOYED), { keep: true });
    expect(commands).not.toContain('cdktf destroy infrastructure --auto-approve --no-color');
    expect(reported().checks.at(-1)).toEqual({ check: 'destroy', status: 'SKIP', fact: 'the lab is kept' });
  });

  test('a rehearsal that is stopped ends at once, without a report', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await run({ ...labThat(DEPLOYED), stopping: stop.signal })).toBe(130);
    expect(printed).toBe('');
  });
});
