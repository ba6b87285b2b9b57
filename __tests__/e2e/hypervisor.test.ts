import { join, resolve } from 'node:path';
import { runCommand } from '../../lab/world/command';
import { unshareArguments } from '../../lab/world/preconditions';

const CHECKOUT = resolve(__dirname, '..', '..');

test('VMs are started, cut off, rebooted and stopped in real namespaces, and leave none', async () => {
  const script = join(__dirname, 'hypervisor-inside.ts');
  const { stdout, stderr } = await runCommand(
    'unshare',
    [...unshareArguments(process.getuid?.() ?? -1), process.execPath, '-r', 'tsx/cjs', script],
    { cwd: CHECKOUT, timeoutMs: 60_000 },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    startMs: expect.any(Number) as number,
    'both answer': true,
    'a cut link is silent': true,
    'a joined link answers': true,
    'reboots by itself': true,
    'namespaces after a stop': ['vm-2'],
    'links after a stop': ['lo', 'vmbr0', 'tap2i0'],
    'starts again': true,
    'shuts down': true,
    'powered itself off': [2],
    'namespaces at the end': [],
    'processes left': 0,
  });
}, 90_000);
