import { GitRepository, HelmRepository } from '@kubernetes-models/flux-cd/source.toolkit.fluxcd.io/v1';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import type { Manifest } from './stage';

/** A source of Flux as it is in a network without the Internet; anything else, and where the plan says nothing, as it was. */
export const ownSource =
  ({ airGap: { charts, git } = {} }: ClusterPlan) =>
  (manifest: Manifest): Manifest => {
    if (manifest instanceof HelmRepository && charts !== undefined) {
      const { metadata = {}, spec } = manifest;
      const type = charts.startsWith('oci://') ? 'oci' : 'default';
      return new HelmRepository({ metadata, spec: { ...spec, type, url: charts } });
    }
    if (manifest instanceof GitRepository && manifest.spec !== undefined && git !== undefined) {
      const { metadata = {}, spec } = manifest;
      return new GitRepository({ metadata, spec: { ...spec, url: `${git}${new URL(spec.url).pathname}` } });
    }
    return manifest;
  };
