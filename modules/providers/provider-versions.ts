import { SpecError } from '../model/spec-error';
import { PROVIDER_VERSIONS } from '../model/versions';

export type ProviderName = keyof typeof PROVIDER_VERSIONS;

/** Exact versions of the Terraform providers, by their local names in `required_providers`. */
export type ProviderVersions = Readonly<Record<ProviderName, string>>;

const isProvider = (name: string): name is ProviderName => Object.hasOwn(PROVIDER_VERSIONS, name);

/**
 * The versions of production, with others in place of some: what a mirror has, or what a rehearsal runs.
 *
 * @param text as `helm=1.3.2,null=1.0.0`; empty for none
 * @throws SpecError at a name that is no provider, and at a version that is not exact
 */
export const providerVersions = (text: string): ProviderVersions => {
  const others = text.split(',').filter((entry) => entry !== '');
  return others.reduce<ProviderVersions>((versions, entry) => {
    const [name = '', version = ''] = entry.split('=');
    if (!isProvider(name)) {
      throw new SpecError(`"${name}" is not a provider; they are ${Object.keys(PROVIDER_VERSIONS).join(', ')}`);
    }
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      throw new SpecError(`version "${version}" of provider ${name} is not exact; write it as ${name}=1.2.3`);
    }
    return { ...versions, [name]: version };
  }, PROVIDER_VERSIONS);
};
