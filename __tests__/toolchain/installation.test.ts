import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, isCurrent, packagesMatchLock } from '../../toolchain/installation.cjs';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();
const checkout = join(__dirname, '..', '..');

const write = (path: string, text: string): void => {
  const file = join(folder(), path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
};

const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/tsx': { version: '4.23.15', integrity: 'sha512-a' },
    'node_modules/fsevents': { version: '2.3.3', integrity: 'sha512-b', optional: true },
  },
};

/** A checkout as git leaves it: no node_modules. */
const plainCheckout = (): void => {
  for (const file of ['package.json', 'schema.json', 'tsconfig.json']) {
    for (const workspace of ['providers/proxmox', 'providers/talos']) {
      mkdirSync(join(folder(), workspace), { recursive: true });
      cpSync(join(checkout, workspace, file), join(folder(), workspace, file));
    }
  }
  write('package.json', '{}');
  write('.npmrc', '');
  write('toolchain/bindings/generate.cjs', '');
  write('package-lock.json', JSON.stringify(LOCK));
};

/** Plays npm: leaves what npm and the `prepare` of the workspaces leave. */
const npm =
  (ran: string[], status = 0) =>
  (_root: string, command: readonly string[]): number => {
    ran.push(command.join(' '));
    if (status !== 0) return status;
    if (command[0] === 'ci') {
      const { 'node_modules/tsx': tsx } = LOCK.packages;
      write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/tsx': tsx } }));
      write('node_modules/tsx/package.json', '{}');
    }
    for (const workspace of ['proxmox', 'talos']) write(`providers/${workspace}/lib/.stamp`, '');
    return 0;
  };

describe('npm packages of a checkout', () => {
  const run = (ran: string[], status = 0, said: string[] = []): number =>
    install(folder(), { npm: npm(ran, status), say: (line) => said.push(line), clock: () => 0 });

  test('a plain checkout gets `npm ci` once, and nothing after that', () => {
    plainCheckout();
    const ran: string[] = [];
    const said: string[] = [];
    expect(run(ran, 0, said)).toBe(0);
    expect(run(ran, 0, said)).toBe(0);
    expect(ran).toEqual(['ci --include=dev --include=optional']);
    expect(said).toEqual([
      'install the npm packages (about 90 s once, 0.7 GiB): npm ci --include=dev --include=optional',
      'install the npm packages: done in 0 s',
    ]);
  });

  test('an `npm ci` that was interrupted is run again', () => {
    plainCheckout();
    const ran: string[] = [];
    expect(run(ran, 130)).toBe(130);
    expect(isCurrent(folder())).toBe(false);
    expect(run(ran)).toBe(0);
    expect(ran).toHaveLength(2);
  });

  test('another package-lock.json asks for `npm ci`', () => {
    plainCheckout();
    const ran: string[] = [];
    run(ran);
    const raised = { packages: { ...LOCK.packages, 'node_modules/tsx': { version: '4.24.0', integrity: 'sha512-c' } } };
    write('package-lock.json', JSON.stringify(raised));
    run(ran);
    expect(ran).toEqual(['ci --include=dev --include=optional', 'ci --include=dev --include=optional']);
  });

  test('another provider schema only has the bindings generated', () => {
    plainCheckout();
    const ran: string[] = [];
    run(ran);
    const schema = join(folder(), 'providers/talos/schema.json');
    writeFileSync(schema, readFileSync(schema, 'utf8').replace('secrets', 'Secrets'));
    run(ran);
    expect(ran.at(-1)).toBe('run --silent prepare --workspaces --if-present');
  });

  test('packages that somebody installed by hand are taken as they are, optional ones may miss', () => {
    plainCheckout();
    const ran: string[] = [];
    npm([])('', ['ci']);
    expect(packagesMatchLock(folder())).toBe(true);
    run(ran);
    expect(ran).toEqual(['run --silent prepare --workspaces --if-present']);
  });

  test('packages whose folder somebody deleted are installed again, whatever the list of npm says', () => {
    plainCheckout();
    const ran: string[] = [];
    npm([])('', ['ci']);
    rmSync(join(folder(), 'node_modules/tsx'), { recursive: true });
    expect(packagesMatchLock(folder())).toBe(false);
    run(ran);
    expect(ran).toEqual(['ci --include=dev --include=optional']);
  });
});
