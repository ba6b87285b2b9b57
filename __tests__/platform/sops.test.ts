import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { plainSecretsIn } from './plain-secrets';
import { clusterWith, platformCases, reported } from './platform-process';

// Each step is a process that loads the platform
jest.setTimeout(120_000);

const temporary = (): string => mkdtempSync(join(tmpdir(), 'groundwork-sops-'));

describe('T-16 sealing a Secret for SOPS', () => {
  const folder = temporary();
  const output = temporary();
  const file = join(folder, 'infrastructure/gitea/gitea-admin.yaml');
  const environment = {
    ...clusterWith(`platform: { ...infrastructure.platform, secrets: 'sops' }`),
    GROUNDWORK_SEALED_DIR: folder,
  };
  const { identity = '', recipient = '' } = reported('esm/open-sops.ts');
  const value = (name: string, content: string): string => {
    const path = join(temporary(), name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const sealing = ['seal', 'gitea/gitea-admin', '--from', `username=${value('u', 'admin')}`];
  const both = [...sealing, `password=${value('p', 'correct horse\n')}`];
  const wrong = join(folder, 'wrong.txt');
  writeFileSync(wrong, '# mine\nage1abc\n');
  mkdirSync(join(folder, 'infrastructure'));
  const ran = platformCases({
    without: { parameters: both, environment },
    wrong: { parameters: [...both, '--recipients', wrong], environment },
  });
  writeFileSync(join(folder, 'infrastructure/age-recipients.txt'), `# of the cluster\n${recipient}\n`);
  const done = platformCases({
    sealed: { parameters: both, environment },
    rendered: { parameters: ['render', '--output', output], environment },
  });

  test('without a recipient, or with one that is none, nothing is sealed', () => {
    const recipients = join(folder, 'infrastructure/age-recipients.txt');
    expect(ran.without).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: no age recipients at ${recipients}; write it: age-keygen -y <key file> > ${recipients}\n`,
    });
    expect(ran.wrong).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: "age1abc" in ${wrong} is no age recipient; write age1… of age-keygen\n`,
    });
  });

  test('the identity opens what was sealed, byte for byte, and its MAC fits', () => {
    expect(done.sealed).toEqual({ status: 0, stdout: `${file}\n`, stderr: 'now: npx groundwork platform render\n' });
    expect(reported('esm/open-sops.ts', identity, file)).toEqual({
      username: 'admin',
      password: 'correct horse\n',
      mac: 'fits',
    });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/correct horse|Y29ycmVjdCBob3JzZ/);
    expect(plainSecretsIn(new Map([[file, text]]))).toEqual([]);
  });

  test('a value that was put in another place does not open', () => {
    const moved = join(temporary(), 'moved.yaml');
    const [name, password] = [/username: (ENC.*)/, /password: (ENC.*)/].map(
      (pattern) => pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? '',
    );
    writeFileSync(moved, readFileSync(file, 'utf8').replace(`username: ${name ?? ''}`, `username: ${password ?? ''}`));
    expect(() => reported('esm/open-sops.ts', identity, moved)).toThrow('unable to authenticate data');
  });

  test('the rendered tree has it in its stage, in the same order, and Flux is told to open it', () => {
    expect(done.rendered.status).toBe(0);
    const rendered = join(output, 'infrastructure');
    const copy = join(rendered, 'services/gitea/Secret-gitea-admin.yaml');
    expect(reported('esm/open-sops.ts', identity, copy)).toMatchObject({ password: 'correct horse\n', mac: 'fits' });
    expect(parse(readFileSync(join(rendered, 'flux/gitea.yaml'), 'utf8'))).toMatchObject({
      spec: { decryption: { provider: 'sops', secretRef: { name: 'sops-age' } } },
    });
    expect(readFileSync(join(rendered, 'flux/vault.yaml'), 'utf8')).not.toContain('decryption');
  });
});
