import type { RegistryMirrorPlan } from './cluster-plan';

/** What the nodes of a cluster pull from, with everything of the platform: a test compares its images. */
export const PUBLIC_REGISTRIES = [
  'docker.gitea.com',
  'docker.io',
  'factory.talos.dev',
  'ghcr.io',
  'oci.element.io',
  'quay.io',
  'registry.k8s.io',
] as const;

/**
 * Each registry as a project of one mirror, as Harbor and Zot hold several: `<url>/v2/<registry>`. The registries themselves are not
 * asked any more.
 */
export const mirrorsAt = (url: string, registries: readonly string[]): Record<string, RegistryMirrorPlan> =>
  Object.fromEntries(
    registries.map((registry) => [
      registry,
      { endpoints: [`${url}/v2/${registry}`], skipFallback: true, overridePath: true },
    ]),
  );
