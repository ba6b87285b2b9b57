import { Release } from '@cdktf/provider-helm/lib/release';
import { Namespace } from '@cdktf/provider-kubernetes/lib/namespace';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { ClusterPlan, FluxPlan } from '../model/cluster-plan';
import { AGE_SECRET, FluxSecrets, GIT_SECRET } from './flux-secrets';

const REPOSITORY = 'https://fluxcd-community.github.io/helm-charts';
const NAMESPACE = 'flux-system';

export interface FluxProps {
  readonly plan: ClusterPlan;
  /** Opened when the Kubernetes API answers. */
  readonly afterApi: ITerraformDependable;
  /** Opened when pods can run. */
  readonly afterNodes: ITerraformDependable;
}

/** Values of the chart `flux2-sync`: which repository is followed, how often, and what is applied of it. */
export const fluxSyncValues = ({ repository, branch, path, access, sops }: FluxPlan): object => ({
  gitRepository: {
    spec: {
      url: repository,
      ref: { branch },
      interval: '1m',
      ...(access !== 'public' && { secretRef: { name: GIT_SECRET } }),
    },
  },
  kustomization: {
    spec: {
      path,
      interval: '10m',
      prune: true,
      ...(sops && { decryption: { provider: 'sops', secretRef: { name: AGE_SECRET } } }),
    },
  },
});

/** Flux, and what it follows: from here on the cluster is kept by Git. */
export class Flux extends Construct {
  constructor(scope: Construct, id: string, { plan, afterApi, afterNodes }: FluxProps) {
    super(scope, id);
    // Made here and not by Helm: keys and credentials must be in it before Flux is.
    const namespace = new Namespace(this, 'Namespace', {
      metadata: {
        name: NAMESPACE,
        labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
      },
      dependsOn: [afterApi],
    });
    const secrets = new FluxSecrets(this, 'Access', { flux: plan.flux, namespace: namespace.metadata.name, afterApi });
    const repository = plan.airGap?.charts ?? REPOSITORY;
    const controllers = new Release(this, 'Controllers', {
      name: 'flux2',
      namespace: namespace.metadata.name,
      repository,
      chart: 'flux2',
      version: plan.versions.flux,
      // Helm waits for the controllers, and so for their kinds, of which the next release makes objects.
      wait: true,
      timeout: 600,
      dependsOn: [afterNodes],
    });
    new Release(this, 'Sync', {
      // Also the name of the GitRepository and the Kustomization, as `flux bootstrap` calls them.
      name: 'flux-system',
      namespace: namespace.metadata.name,
      repository,
      chart: 'flux2-sync',
      version: plan.versions.fluxSync,
      values: [stringify(fluxSyncValues(plan.flux), { lineWidth: 0 })],
      // Helm knows no state of these kinds to wait for.
      wait: false,
      dependsOn: [controllers, ...secrets.made],
    });
  }
}
