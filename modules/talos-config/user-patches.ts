import type { MachineConfigPatch, NodePlan } from '../model/cluster-plan';

/**
 * Kinds of documents that Talos 1.9 has: what any supported provider reads in a patch. Source: siderolabs/talos v1.9.2,
 * pkg/machinery/config/types.
 */
const KINDS_OF_CONTRACT: readonly unknown[] = [
  'EventSinkConfig',
  'ExtensionServiceConfig',
  'KmsgLogConfig',
  'KubeSpanEndpointsConfig',
  'NetworkDefaultActionConfig',
  'NetworkRuleConfig',
  'SideroLinkConfig',
  'TrustedRootsConfig',
  'VolumeConfig',
  'WatchdogTimerConfig',
];

/** True for a document that is newer than what a provider may know: it is added to a config and not merged into it. */
export const isAppended = ({ kind }: MachineConfigPatch): boolean =>
  kind !== undefined && !KINDS_OF_CONTRACT.includes(kind);

/** What a person patches a node's config with. */
export const mergedPatches = ({ patches }: NodePlan): MachineConfigPatch[] =>
  patches.map(({ patch }) => patch).filter((patch) => !isAppended(patch));

/** What a person adds to a node's config, in the order of the spec. */
export const addedDocuments = ({ patches }: NodePlan): MachineConfigPatch[] =>
  patches.map(({ patch }) => patch).filter(isAppended);
