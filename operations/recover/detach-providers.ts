import type { StackJson } from './existing';

/** Their configuration refers to the kubeconfig, a resource. */
const OF_CLUSTER = new Set(['helm', 'kubernetes']);

const withoutReferences = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => !(typeof field === 'string' && field.includes('${')));
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutReferences(field)]));
};

/**
 * A stack's Terraform JSON without references in the configuration of the cluster's providers: while the state has no
 * kubeconfig, `terraform import` refuses whatever it is given, as it configures all providers.
 */
export const detachProviders = (stack: StackJson): StackJson => ({
  ...stack,
  provider: Object.fromEntries(
    Object.entries(stack.provider ?? {}).map(([name, settings]) => [
      name,
      OF_CLUSTER.has(name) ? withoutReferences(settings) : settings,
    ]),
  ),
});
