import { clusterChange, type ClusterChange } from './cluster-change';
import { worse, type Finding, type Risk, type Rule } from './rule';
import { CONFIG_RULES } from './rules/config-rules';
import { HARDWARE_RULES } from './rules/hardware-rules';
import { IDENTITY_RULES } from './rules/identity-rules';
import { NODE_RULES } from './rules/node-rules';
import { SERVICE_RULES } from './rules/service-rules';
import { fateOf, type Fate, type TerraformPlan } from './terraform-plan';

/** Bookkeeping of Terraform, with nothing behind it. */
const BOOKKEEPING = new Set(['terraform_data', 'null_resource']);

/** A change that no rule knows is never passed over. */
const unknownRule = (explained: ReadonlySet<string>): Rule => ({
  code: 'other-change',
  risk: 'high',
  meaning: 'A change that no rule above explains. Low where something is made only.',
  find: ({ changes }: ClusterChange) =>
    changes
      .filter(({ address, type }) => !explained.has(address) && !BOOKKEEPING.has(type))
      .map((resource) => ({
        message: `${resource.address}: ${fateOf(resource)}`,
        advice: 'read it in the plan: no rule of this review knows it',
        ...(fateOf(resource) === 'create' && { risk: 'low' as const }),
        addresses: [resource.address],
      })),
});

/** The table: every rule, in the order in which its findings are told where they are of one risk. */
export const RULES: readonly Rule[] = [
  ...NODE_RULES,
  ...IDENTITY_RULES,
  ...HARDWARE_RULES,
  ...CONFIG_RULES,
  ...SERVICE_RULES,
  unknownRule(new Set()),
];

export interface ReviewFinding extends Finding {
  readonly code: string;
  readonly risk: Risk;
}

/** What a plan does to a cluster. */
export interface Review {
  readonly stack: string;
  /** The highest of all findings. */
  readonly risk: Risk;
  /** Worst first. */
  readonly findings: readonly ReviewFinding[];
  /** Every resource that changes, as Terraform names it. */
  readonly changes: readonly { readonly address: string; readonly fate: Fate }[];
}

export interface ReviewOptions {
  readonly stack: string;
  /** Host names of etcd's members, where they are known. */
  readonly etcdMembers?: readonly string[] | undefined;
}

const ORDER: readonly Risk[] = ['destructive', 'high', 'low', 'none'];

/** Says what a plan does, by the rules; nothing is asked of anybody. */
export const reviewPlan = (plan: TerraformPlan, { stack, etcdMembers }: ReviewOptions): Review => {
  const change = clusterChange(plan, etcdMembers);
  const apply = (rule: Rule): ReviewFinding[] =>
    rule.find(change).map((finding) => ({ code: rule.code, ...finding, risk: finding.risk ?? rule.risk }));
  const known = RULES.slice(0, -1).flatMap(apply);
  const explained = new Set(known.flatMap(({ addresses }) => addresses));
  const found = [...known, ...apply(unknownRule(explained))];
  // What is worse than the gentlest rules say goes first; these add nothing where a sharper one has spoken for all.
  const findings = ORDER.flatMap((risk) => found.filter((finding) => finding.risk === risk)).filter(
    (finding) => !isCovered(finding, found),
  );
  return {
    stack,
    risk: findings.reduce<Risk>((risk, finding) => worse(risk, finding.risk), 'none'),
    findings,
    changes: change.changes.map((resource) => ({ address: resource.address, fate: fateOf(resource) })),
  };
};

/** Rules that only speak up where no other one explains the same resources. */
const LAST_RESORT = new Set([
  'config-changed',
  'looks-again',
  'access-renewed',
  'config-applied-anew',
  'images-replaced',
]);

const isCovered = (finding: ReviewFinding, found: readonly ReviewFinding[]): boolean => {
  if (!LAST_RESORT.has(finding.code)) return false;
  const others = new Set(found.filter(({ code }) => code !== finding.code).flatMap(({ addresses }) => addresses));
  return finding.addresses.every((address) => others.has(address));
};
