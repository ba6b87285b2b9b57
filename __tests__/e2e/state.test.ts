import { App, DataResource, TerraformOutput, TerraformStack } from 'cdktf';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseState } from '../../modules/model/state';
import { addStateBackend } from '../../stacks/state-backend';
import { protectStateFiles } from '../../stacks/state-files';
import { examplePlan } from '../setup/example-plan';
import { startPostgres, type Postgres } from './debian-postgres';
import { ACCESS_KEY, ObjectStorage, SECRET_KEY } from './object-storage';
import { TerraformFolder } from './terraform-folder';

const BUCKET = 'terraform-state';
const LIMIT_MS = 180_000;

/** The product's backend around what needs no provider: a secret, and, where asked for, a step that hangs. */
class SmallStack extends TerraformStack {
  constructor(app: App, state: string, folder: string, hangs: boolean) {
    super(app, 'infrastructure');
    addStateBackend(this, examplePlan({ state: parseState(state) }), folder);
    const secret = new DataResource(this, 'Secret');
    secret.addOverride('input', 'known to the state alone'); // any value, but cdktf's type wants an object
    new TerraformOutput(this, 'secret', { value: secret.output, sensitive: true });
    if (hangs) new DataResource(this, 'Slow', { provisioners: [{ type: 'local-exec', command: 'sleep 600' }] });
  }
}

describe('O-5 the state', () => {
  const folder = new TerraformFolder();
  const states = join(folder.path, 'states');
  const stack = join(folder.path, 'out', 'stacks', 'infrastructure');
  const local = join(states, 'infrastructure.tfstate');
  let storage: ObjectStorage;
  let postgres: Postgres;
  let credentials: Record<string, string>;

  beforeAll(async () => {
    [storage, postgres] = await Promise.all([ObjectStorage.start(BUCKET), startPostgres()]);
    credentials = {
      ...{ AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY },
      PG_CONN_STR: postgres.connection,
    };
  }, LIMIT_MS);
  afterAll(async () => {
    folder.remove();
    await storage.stop();
    await postgres.stop();
  });

  const write = (state: string, hangs = false): void => {
    const app = new App({ outdir: join(folder.path, 'out') });
    new SmallStack(app, state, states, hangs);
    if (state === 'local') protectStateFiles(states, 'infrastructure');
    app.synth();
  };
  const terraform = (...words: readonly string[]): Promise<string> => folder.terraform(stack, words, credentials);
  const secret = async (): Promise<string> => (await terraform('output', '-raw', 'secret')).trim();
  /** What `cdktf diff --migrate-state` does: `terraform init -migrate-state`, answered with yes. */
  const move = async (state: string): Promise<void> => {
    write(state);
    await terraform('init', '-input=false', '-migrate-state', '-force-copy');
    expect(await terraform('plan', '-input=false', '-detailed-exitcode')).toContain('No changes.');
  };
  const refusal = (words: readonly string[]): Promise<string> =>
    terraform(...words).then(
      () => 'it was not refused',
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );

  /** Kills a deploy that holds the lock, as the loss of the machine that deploys would. */
  const kill = async (): Promise<void> => {
    const [program, parameters, options] = folder.command(stack, ['apply', '-auto-approve'], credentials);
    const deploy = spawn(program, parameters, { ...options, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    let said = '';
    deploy.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('Provisioning with')) await sleep(20);
    const closed = once(deploy, 'close');
    process.kill(-(deploy.pid ?? NaN), 'SIGKILL');
    await closed;
  };

  test(
    'is a file for its owner alone, and moves to S3, to PostgreSQL and back without a change',
    async () => {
      write('local');
      await terraform('init', '-input=false');
      await terraform('apply', '-input=false', '-auto-approve');
      expect((statSync(local).mode & 0o777).toString(8)).toBe('600');
      expect((statSync(`${local}.backup`).mode & 0o777).toString(8)).toBe('600');

      await move(`s3://${BUCKET}/home?endpoint=${storage.endpoint}`);
      expect([...storage.objects.keys()]).toEqual(['home/infrastructure.tfstate']);
      expect(await secret()).toBe('known to the state alone');

      await move('postgres');
      expect(postgres.query('select name from infrastructure.states')).toBe('default');
      expect(await secret()).toBe('known to the state alone');

      await move('local');
      expect(await secret()).toBe('known to the state alone');
      const json = readFileSync(join(stack, 'cdk.tf.json'), 'utf8');
      for (const credential of [SECRET_KEY, ACCESS_KEY, postgres.connection]) expect(json).not.toContain(credential);
    },
    LIMIT_MS,
  );

  test(
    'in S3 is locked by one writer; after a killed one, force-unlock with the id that is printed lets the next one in',
    async () => {
      const state = `s3://${BUCKET}/locked?endpoint=${storage.endpoint}`;
      write(state, true);
      await terraform('init', '-input=false', '-reconfigure');
      await kill();
      expect([...storage.objects.keys()]).toContain('locked/infrastructure.tfstate.tflock');
      write(state);
      const refused = await refusal(['plan', '-input=false']);
      expect(refused).toContain('Error acquiring the state lock');
      expect(refused).toContain('PreconditionFailed');
      const [, id = ''] = /ID: +([0-9a-f-]{36})/.exec(refused) ?? [];
      await terraform('force-unlock', '-force', id);
      await terraform('apply', '-input=false', '-auto-approve');
      expect([...storage.objects.keys()].filter((key) => key.endsWith('.tflock'))).toEqual([]);
      expect(await secret()).toBe('known to the state alone');
    },
    LIMIT_MS,
  );

  test(
    'in PostgreSQL is locked by a session: a killed writer leaves no lock',
    async () => {
      write('postgres', true);
      await terraform('init', '-input=false', '-reconfigure');
      await kill();
      write('postgres');
      expect(await terraform('apply', '-input=false', '-auto-approve', '-lock-timeout=10s')).toContain(
        'Apply complete!',
      );
    },
    LIMIT_MS,
  );

  test(
    'in S3 is closed to a wrong key',
    async () => {
      write(`s3://${BUCKET}?endpoint=${storage.endpoint}`);
      credentials = { ...credentials, AWS_SECRET_ACCESS_KEY: 'another' };
      expect(await refusal(['init', '-input=false', '-reconfigure'])).toContain('SignatureDoesNotMatch');
    },
    LIMIT_MS,
  );
});
