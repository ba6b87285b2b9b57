import { worldCommand } from '../../../lab/world/enter';
import { ownMemory } from '../../../lab/world/memory';
import { labCommand, nodeCommand } from '../../../lab/world/shell';
import { readToolchainManifest } from '../../../lab/world/toolchain-manifest';

describe('entering a lab', () => {
  test('dies with the process that started it', () => {
    expect(worldCommand(1000, false, ['node'])).toEqual([
      ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--user', '--map-root-user'],
      ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'node'],
    ]);
  });

  test('a lab that is to be kept does not', () => {
    expect(worldCommand(0, true, ['node'])).toEqual([
      ...['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'node'],
    ]);
  });

  test('from outside: all namespaces, and the checkout as the lab sees it', () => {
    const rest = ['--mount', '--net', '--pid', '--', 'sh', '-c', 'cd "$1" && shift && exec "$@"', 'groundwork-lab'];
    expect(labCommand(77, true, '/checkout', ['kubectl', 'get', 'nodes'])).toEqual([
      ...['nsenter', '--target', '77', '--user', '--preserve-credentials'],
      ...[...rest, '/checkout', 'kubectl', 'get', 'nodes'],
    ]);
    expect(labCommand(77, false, '/checkout', ['true'])).toEqual([
      'nsenter',
      '--target',
      '77',
      ...rest,
      '/checkout',
      'true',
    ]);
  });

  test('a command in a VM keeps its words apart', () => {
    expect(nodeCommand(1500, ['pkill', '-f', 'a b']).slice(3)).toEqual([
      ...['groundwork-lab', '1500', '/run/groundwork/machines/1500/pid', 'pkill', '-f', 'a b'],
    ]);
  });
});

describe('memory of a process', () => {
  test('is what it shares with no file', () => {
    expect(ownMemory('Name:\tnode\nRssAnon:\t    1000 kB\nRssFile:\t  500 kB\nRssShmem:\t      24 kB\n')).toBe(
      1_048_576,
    );
    expect(ownMemory('Name:\tkthreadd\n')).toBe(0);
  });
});

test('a manifest that is not there is refused with what to do', () => {
  expect(() => readToolchainManifest('/nowhere.json')).toThrow(
    "GROUNDWORK_TOOLCHAIN /nowhere.json is no toolchain manifest: ENOENT: no such file or directory, open '/nowhere.json'; `npm run setup` makes one",
  );
});
