import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api/api-error';
import type { Verdict } from './config-validator';
import type { MachineConfig } from './machine-config';
import type { TalosVersion } from './talos-version';

/** Modes as `machine.ApplyConfigurationRequest.Mode` names them. */
export type ApplyMode = 'REBOOT' | 'AUTO' | 'NO_REBOOT' | 'STAGED' | 'TRY';

export interface ApplyRequest {
  readonly mode: ApplyMode;
  readonly dryRun: boolean;
  /** Milliseconds; undefined: Talos' minute. */
  readonly tryTimeoutMs: number | undefined;
}

export interface ApplyDecision {
  /** Mode of the answer: the one really taken. */
  readonly mode: ApplyMode;
  readonly details: string;
  readonly warnings: readonly string[];
  /** What the machine does then; `try` takes the config without storing it. */
  readonly effect: 'none' | 'take' | 'store' | 'reboot' | 'try';
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** Fields of `machine` that change without a restart. Source: v1alpha1_runtime.go, CanApplyImmediate, at v1.13.9. */
const IMMEDIATE: ReadonlySet<string> = new Set([
  ...['ca', 'acceptedCAs', 'time', 'certSANs', 'install', 'network', 'sysfs', 'sysctls', 'logging', 'controlPlane'],
  ...['kubelet', 'kernel', 'registries', 'pods', 'seccompProfiles', 'nodeAnnotations', 'nodeLabels', 'nodeTaints'],
]);
const IMMEDIATE_FEATURES: ReadonlySet<string> = new Set([
  'kubernetesTalosAPIAccess',
  'kubePrism',
  'hostDNS',
  'imageCache',
  'nodeAddressSortAlgorithm',
]);

const changed = (before: Fields, after: Fields, exempt: ReadonlySet<string>, path: string): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !exempt.has(key) && !isDeepStrictEqual(before[key] ?? null, after[key] ?? null))
    .map((key) => `${path}.${key}`);

/** Paths that differ and need a restart; empty where the change can be made at once. */
export const restartNeededBy = (before: MachineConfig, after: MachineConfig): readonly string[] => {
  const [old, young] = [fields(before.document['machine']), fields(after.document['machine'])];
  return [
    ...changed(before.document, after.document, new Set(['machine', 'cluster', 'debug']), ''),
    ...changed(old, young, new Set([...IMMEDIATE, 'features']), '.machine'),
    ...changed(fields(old['features']), fields(young['features']), IMMEDIATE_FEATURES, '.machine.features'),
  ];
};

const WITH_REBOOT = 'Applied configuration with a reboot';
const WITHOUT_REBOOT = 'Applied configuration without a reboot';
/** How long a config that is tried stays. Source: pkg/machinery/constants, ConfigTryTimeout. */
export const TRY_TIMEOUT_MS = 60_000;

const goDuration = (ms: number): string => {
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1000];
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
};

const summary = (details: string): string =>
  `Dry run summary:\n${details} (skipped in dry-run).\nConfig diff:\n\nnot shown by the lab`;

/** The little server of maintenance mode up to 1.12. Source: internal/app/maintenance/server.go at v1.12.0. */
const decideInOldMaintenance = ({ mode, dryRun }: ApplyRequest, verdict: Verdict): ApplyDecision => {
  if (mode === 'NO_REBOOT' || mode === 'STAGED')
    throw new ApiError(
      'UNIMPLEMENTED',
      `apply configuration --mode='${mode.toLowerCase().replaceAll('_', '-')}' is not supported in maintenance mode`,
    );
  if (verdict.stage === 'parse') throw new ApiError('UNKNOWN', `failed to parse config: ${verdict.error}`);
  if (verdict.error !== '') throw new ApiError('INVALID_ARGUMENT', `configuration validation failed: ${verdict.error}`);
  if (dryRun)
    return {
      mode: 'REBOOT',
      details: 'Dry run summary:\nNode is running in maintenance mode and does not have a config yet.',
      warnings: verdict.warnings,
      effect: 'none',
    };
  return { mode: 'REBOOT', details: '', warnings: verdict.warnings, effect: 'take' };
};

/**
 * What a machine does with a config that it is given, and what it answers. `current` is undefined in maintenance.
 * Source: v1alpha1_server.go, ApplyConfiguration, at v1.13.9 and v1.9.2.
 * @throws ApiError in Talos' words
 */
export const decideApply = (
  version: TalosVersion,
  request: ApplyRequest,
  verdict: Verdict,
  current: MachineConfig | undefined,
  next: () => MachineConfig,
): ApplyDecision => {
  if (current === undefined && !version.apidServesMaintenance()) return decideInOldMaintenance(request, verdict);
  if (verdict.error !== '') throw new ApiError('INVALID_ARGUMENT', verdict.error);
  const config = next();
  if (current !== undefined && Object.keys(config.document).length === 0)
    throw new ApiError(
      'INVALID_ARGUMENT',
      "the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?",
    );

  const obstacles = current === undefined ? [] : restartNeededBy(current, config);
  // Talos shows a diff here; the lab names the paths, since the values may be secrets.
  const obstacle =
    obstacles.length === 0
      ? ''
      : `this config change can't be applied in immediate mode\ndiff:\n${obstacles.join('\n')}`;
  const asked = request.mode === 'REBOOT' && current === undefined ? 'NO_REBOOT' : request.mode;
  const mode = asked === 'AUTO' ? (obstacle === '' ? 'NO_REBOOT' : 'REBOOT') : asked;
  if ((mode === 'NO_REBOOT' || mode === 'TRY') && obstacle !== '') throw new ApiError('INVALID_ARGUMENT', obstacle);

  const details = {
    REBOOT: WITH_REBOOT,
    NO_REBOOT: WITHOUT_REBOOT,
    TRY: WITHOUT_REBOOT,
    STAGED: 'Staged configuration to be applied after the next reboot',
  }[mode];
  if (request.dryRun) return { mode, details: summary(details), warnings: [], effect: 'none' };
  const suffix =
    mode === 'TRY'
      ? `\nThe config is applied in 'try' mode and will be automatically reverted back in ${goDuration(request.tryTimeoutMs ?? TRY_TIMEOUT_MS)}`
      : obstacle === ''
        ? ''
        : `: ${obstacle}`;
  return {
    mode,
    details: asked === 'AUTO' || mode === 'TRY' ? `${details}${suffix}` : details,
    warnings: verdict.warnings,
    effect: ({ REBOOT: 'reboot', NO_REBOOT: 'take', TRY: 'try', STAGED: 'store' } as const)[mode],
  };
};
