import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ACCESS_KEY, ObjectStorage, SECRET_KEY } from '../rehearsal/object-storage';
import { startPostgres, type Postgres } from './debian-postgres';
import { writeSmallStack, type SmallStackOptions } from './small-stack';
import { TerraformFolder } from './terraform-folder';

const BUCKET = 'terraform-state';
const LIMIT_MS = 600_000;
const CHECKOUT = join(__dirname, '..', '..');

/** The two commands of docs/OPERATIONS.md that move a state. */
const documented = (): readonly string[] => {
  const text = readFileSync(join(CHECKOUT, 'docs', 'OPERATIONS.md'), 'utf8');
  const [, block = ''] = /To move a state[^`]*:\n\n```sh\n([\s\S]*?)```/.exec(text) ?? [];
  return block.split('\n').filter((line) => line.startsWith('npx '));
};

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

  const out = join(folder.path, 'out');
  const write = (state: string, hangs?: SmallStackOptions['hangs']): void =>
    writeSmallStack({ state, folder: states, ...(hangs !== undefined && { hangs }) }, out);
  const terraform = (...words: readonly string[]): Promise<string> => folder.terraform(stack, words, credentials);
  const secret = async (): Promise<string> => (await terraform('output', '-raw', 'secret')).trim();
  /** The line of docs/OPERATIONS.md, which a person runs, with the small stack in place of the product's. */
  const cdktf = async (command: string, state: string): Promise<string> => {
    const [program = '', ...words] = command.split(' ').slice(1);
    const app = ['--app', `${process.execPath} -r tsx/cjs ${join(__dirname, 'small-stack.ts')}`, '--output', out];
    const { stdout } = await promisify(execFile)(
      join(CHECKOUT, 'node_modules', '.bin', program),
      [...words, ...app, '--no-color'],
      { cwd: CHECKOUT, env: folder.cdktf({ ...credentials, SMALL_STATE: state, SMALL_FOLDER: states }) },
    );
    return stdout;
  };
  /** From where it is, as the documents say; a move before leaves what the first of the two commands makes. */
  const move = async (state: string): Promise<void> => {
    expect(await cdktf(documented()[1] ?? '', state)).toContain('No changes.');
  };
  /** The product's command, on the state of the small stack. */
  const recover = (command: string, state: string): Promise<readonly [number, string]> => {
    const [, , ...words] = command.split(' ');
    const env = { ...folder.cdktf(credentials), GROUNDWORK_STATE: state, ...folder.product };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(CHECKOUT, 'bin', 'groundwork.cjs'), ...words],
        { cwd: CHECKOUT, env },
        (error, _, stderr) => resolve([error === null ? 0 : Number(error.code), stderr]),
      );
    });
  };
  const refusal = (words: readonly string[]): Promise<string> =>
    terraform(...words).then(
      () => 'it was not refused',
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );

  /** Kills a deploy that hangs and holds the lock, as the loss of the machine that deploys would. */
  const kill = async (): Promise<void> => {
    const [program, parameters, options] = folder.command(stack, ['apply', '-auto-approve'], credentials);
    const deploy = spawn(program, parameters, { ...options, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    let said = '';
    deploy.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('terraform_data.Slow: Provisioning with')) await sleep(20);
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

      const bucket = `s3://${BUCKET}/home?endpoint=${storage.endpoint}`;
      expect(await cdktf(documented()[0] ?? '', 'local')).toContain('No changes.');
      await move(bucket);
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
    'in S3 is locked by one writer; after a killed one, recover names the command that lets the next one in',
    async () => {
      const state = `s3://${BUCKET}/locked?endpoint=${storage.endpoint}`;
      write(state, 'at once');
      await terraform('init', '-input=false', '-reconfigure');
      await kill();
      // What was made in the first 20 seconds is known to nobody.
      expect([...storage.objects.keys()].filter((key) => key.startsWith('locked/'))).toEqual([
        'locked/infrastructure.tfstate.tflock',
      ]);
      write(state);
      const refused = await refusal(['plan', '-input=false']);
      expect(refused).toContain('Error acquiring the state lock');
      expect(refused).toContain('PreconditionFailed');
      const [, id = ''] = /ID: +([0-9a-f-]{36})/.exec(refused) ?? [];
      const unlock = `npx groundwork recover infrastructure --unlock ${id}`;
      expect(await recover('npx groundwork recover infrastructure', state)).toEqual([
        1,
        expect.stringContaining(`error: the state is locked; where no deploy runs any more: ${unlock}\n`) as string,
      ]);
      expect(await recover(unlock, state)).toEqual([
        0,
        expect.stringContaining(
          'infrastructure: nothing is in the way; next: npx cdktf deploy infrastructure\n',
        ) as string,
      ]);
      await terraform('apply', '-input=false', '-auto-approve');
      expect([...storage.objects.keys()].filter((key) => key.endsWith('.tflock'))).toEqual([]);
      expect(await secret()).toBe('known to the state alone');
    },
    LIMIT_MS,
  );

  test(
    'in S3 has a secret before anything is given it, whenever the deploy is killed',
    async () => {
      write(`s3://${BUCKET}/saved?endpoint=${storage.endpoint}`, 'when saved');
      await terraform('init', '-input=false', '-reconfigure');
      await kill();
      expect(storage.objects.get('saved/infrastructure.tfstate')?.toString()).toContain('known to the state alone');
    },
    LIMIT_MS,
  );

  test(
    'in PostgreSQL is locked by a session: a killed writer leaves no lock',
    async () => {
      write('postgres', 'at once');
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
