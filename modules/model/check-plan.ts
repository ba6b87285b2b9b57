import type { ClusterPlan } from './cluster-plan';
import type { Issue } from './issue';
import { ADDRESS_RULES } from './rules/address-rules';
import { AIR_GAP_RULES } from './rules/air-gap-rules';
import { ANNOUNCEMENT_RULES } from './rules/announcement-rules';
import { FEATURE_RULES } from './rules/feature-rules';
import { FLUX_RULES } from './rules/flux-rules';
import { NODE_RULES } from './rules/node-rules';
import { PLACEMENT_RULES } from './rules/placement-rules';
import { TAILSCALE_RULES } from './rules/tailscale-rules';
import { TALOS_RULES } from './rules/talos-rules';
import { VERSION_RULES } from './rules/version-rules';

const RULES = [
  ...NODE_RULES,
  ...PLACEMENT_RULES,
  ...FEATURE_RULES,
  ...ADDRESS_RULES,
  ...ANNOUNCEMENT_RULES,
  ...FLUX_RULES,
  ...AIR_GAP_RULES,
  ...TALOS_RULES,
  ...TAILSCALE_RULES,
  ...VERSION_RULES,
];

/** Codes of what can be wrong with several fields together. */
export const RULE_CODES: readonly string[] = RULES.map(({ code }) => code);

/** Every rule runs, whatever the others found: all issues of a plan at once. */
export const checkPlan = (plan: ClusterPlan): Issue[] =>
  RULES.flatMap(({ code, severity, find }) => [...find(plan)].map((finding) => ({ code, severity, ...finding })));
