import { readFileSync, writeFileSync } from 'node:fs';

/** Their configuration refers to the kubeconfig, a resource. */
const OF_CLUSTER = new Set(['helm', 'kubernetes']);

const withoutReferences = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => !(typeof field === 'string' && field.includes('${')));
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutReferences(field)]));
};

/**
 * Takes references out of the configuration of the cluster's providers, in a stack's Terraform JSON: while the state has no
 * kubeconfig, `terraform import` refuses whatever it is given, as it configures all providers.
 */
export const detachProviders = (file: string): void => {
  const stack = JSON.parse(readFileSync(file, 'utf8')) as { readonly provider?: Readonly<Record<string, unknown>> };
  const provider = Object.fromEntries(
    Object.entries(stack.provider ?? {}).map(([name, settings]) => [
      name,
      OF_CLUSTER.has(name) ? withoutReferences(settings) : settings,
    ]),
  );
  writeFileSync(file, JSON.stringify({ ...stack, provider }));
};
