import type { VersionsPlan } from '../cluster-plan';
import { cilium, fluxChart, talos, talosReadsContract, type Compatibility } from '../compatibility';
import type { Rule } from './rule';

/** Products whose Kubernetes versions are known, by the field of `versions` that sets them. */
const PRODUCTS = {
  talos: { name: 'Talos', facts: talos },
  cilium: { name: 'Cilium', facts: cilium },
  flux: { name: 'the chart flux2', facts: fluxChart },
} as const satisfies { readonly [Field in keyof VersionsPlan]?: { name: string; facts: Compatibility } };
type Product = keyof typeof PRODUCTS;

/** What is listed, and not for this Kubernetes. */
const kubernetesRule = (code: string, severity: 'error' | 'warning', field: Product, verb: string): Rule => ({
  code,
  severity,
  *find({ versions }) {
    const { name, facts } = PRODUCTS[field];
    const version = versions[field];
    if (!facts.lists(version) || facts.supportsKubernetes(version, versions.kubernetes)) return;
    const range = facts.kubernetesRange(version);
    yield {
      path: 'versions.kubernetes',
      message: `Kubernetes is ${versions.kubernetes}; ${name} ${version} ${verb} ${range}`,
      fix: `use Kubernetes ${range}, or another version of ${name}`,
    };
  },
});

const contractTooNew: Rule = {
  code: 'contract-too-new',
  severity: 'error',
  *find({ versions }) {
    if (talosReadsContract(versions.talos, versions.talosContract)) return;
    yield {
      path: 'talos.contract',
      message: `contract is ${versions.talosContract}; Talos ${versions.talos} reads documents up to its own minor`,
      fix: 'leave the contract out, or use a newer Talos',
    };
  },
};

const unlistedVersion: Rule = {
  code: 'unlisted-version',
  severity: 'warning',
  *find({ versions }) {
    for (const field of Object.keys(PRODUCTS) as Product[]) {
      const { name, facts } = PRODUCTS[field];
      const version = versions[field];
      if (facts.lists(version)) continue;
      yield {
        path: `versions.${field}`,
        message: `${name} ${version} is not listed here, so that nobody checked it with Kubernetes ${versions.kubernetes}; listed are ${facts.listed}`,
        fix: 'read its release notes first, or use a listed version',
      };
    }
  },
};

export const VERSION_RULES: readonly Rule[] = [
  kubernetesRule('talos-kubernetes', 'error', 'talos', 'supports'),
  // Cilium leaves other versions to the compatibility that Kubernetes promises between its own: no reason to refuse.
  kubernetesRule('cilium-kubernetes', 'warning', 'cilium', 'is tested with'),
  kubernetesRule('flux-kubernetes', 'error', 'flux', 'needs'),
  contractTooNew,
  unlistedVersion,
];
