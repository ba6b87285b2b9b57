import type { RegistryMirrorSpec } from '../../modules/model/cluster-spec';
import { InputError } from '../deployment/find-cluster';
import type { Fetched } from './fetched';

/** The part of a spec that leads nodes elsewhere. */
export interface MirrorSpec {
  readonly talos: { readonly registryMirrors: Readonly<Record<string, RegistryMirrorSpec>> };
}

/**
 * Each registry as a project of one mirror, as Harbor and Zot proxy several: `<url>/v2/<registry>`. The registries themselves
 * are not asked any more.
 * @throws InputError where `mirror` is no https or http URL
 */
export const mirrorsFor = (rows: readonly Fetched[], mirror: string): MirrorSpec => {
  if (!/^https?:\/\/[^/]+/.test(mirror) || !URL.canParse(mirror)) {
    throw new InputError(`--mirror "${mirror}" is no URL; write it as https://mirror.example.org`);
  }
  const registries = [...new Set(rows.filter(({ kind }) => kind === 'image').map(({ from }) => from))].sort();
  const base = mirror.replace(/\/+$/, '');
  const entry = (registry: string): RegistryMirrorSpec => ({
    endpoints: [`${base}/v2/${registry}`],
    overridePath: true,
    skipFallback: true,
  });
  return { talos: { registryMirrors: Object.fromEntries(registries.map((registry) => [registry, entry(registry)])) } };
};
