import { decideApply, restartNeededBy, type ApplyMode } from '../../../lab/machine/apply-mode';
import { MachineConfig } from '../../../lab/machine/machine-config';
import { TalosVersion } from '../../../lab/machine/talos-version';

const V13 = TalosVersion.parse('v1.13.9');
const GOOD = { error: '', warnings: ['use a newer contract'] };
const config = (machine: string, rest = ''): MachineConfig =>
  MachineConfig.parse(`version: v1alpha1\nmachine:\n${machine}${rest}`);
const CURRENT = config('  type: worker\n  token: a\n  features: {rbac: true}\n');

describe('what a change needs', () => {
  test.each([
    ['nothing changes', '  token: a\n  type: worker\n  features: {rbac: true}\n', []],
    ['labels', '  type: worker\n  token: a\n  features: {rbac: true}\n  nodeLabels: {a: b}\n', []],
    ['KubePrism', '  type: worker\n  token: a\n  features: {rbac: true, kubePrism: {enabled: true}}\n', []],
    ['the cluster section', '  type: worker\n  token: a\n  features: {rbac: true}\ncluster: {id: x}\n', []],
    ['the token', '  type: worker\n  token: b\n  features: {rbac: true}\n', ['.machine.token']],
    ['another feature', '  type: worker\n  token: a\n  features: {rbac: false}\n', ['.machine.features.rbac']],
    [
      'files and type',
      '  type: controlplane\n  token: a\n  features: {rbac: true}\n  files: [{path: /x}]\n',
      ['.machine.type', '.machine.files'],
    ],
  ])('%s', (_what, text, paths) => {
    expect(restartNeededBy(CURRENT, config(text))).toEqual(paths);
  });
});

describe('what is done with a config', () => {
  const SAME = config('  type: worker\n  token: a\n  features: {rbac: true}\n  nodeLabels: {a: b}\n');
  const OTHER = config('  type: worker\n  token: b\n  features: {rbac: true}\n');
  const OBSTACLE = "this config change can't be applied in immediate mode\ndiff:\n.machine.token";
  const decide = (mode: ApplyMode, next: MachineConfig, dryRun = false): ReturnType<typeof decideApply> =>
    decideApply(V13, { mode, dryRun, tryTimeoutMs: undefined }, GOOD, CURRENT, () => next);

  test.each<[ApplyMode, MachineConfig, string, string, string]>([
    ['AUTO', SAME, 'NO_REBOOT', 'take', 'Applied configuration without a reboot'],
    ['AUTO', OTHER, 'REBOOT', 'reboot', `Applied configuration with a reboot: ${OBSTACLE}`],
    ['NO_REBOOT', SAME, 'NO_REBOOT', 'take', 'Applied configuration without a reboot'],
    ['REBOOT', SAME, 'REBOOT', 'reboot', 'Applied configuration with a reboot'],
    ['STAGED', OTHER, 'STAGED', 'store', 'Staged configuration to be applied after the next reboot'],
    [
      'TRY',
      SAME,
      'TRY',
      'try',
      "Applied configuration without a reboot\nThe config is applied in 'try' mode and will be automatically reverted back in 1m0s",
    ],
  ])('%s', (mode, next, chosen, effect, details) => {
    expect(decide(mode, next)).toEqual({ mode: chosen, effect, details, warnings: ['use a newer contract'] });
  });

  test.each<ApplyMode>(['NO_REBOOT', 'TRY'])('%s of a change that needs a restart is refused', (mode) => {
    expect(() => decide(mode, OTHER)).toThrow(OBSTACLE);
  });

  test('a dry run changes nothing', () => {
    const { effect, mode, details } = decide('AUTO', OTHER, true);
    expect([effect, mode]).toEqual(['none', 'REBOOT']);
    expect(details).toMatch(/^Dry run summary:\nApplied configuration with a reboot \(skipped in dry-run\)\./);
  });

  test('a configured node does not give its v1alpha1 document away', () => {
    const volume = MachineConfig.parse('apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\n');
    expect(() => decide('AUTO', volume)).toThrow(
      "the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?",
    );
  });
});
