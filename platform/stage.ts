import type { ClusterPlan } from '../modules/model/cluster-plan';
import type { TerraformStack } from './terraform/stack';

/** One Kubernetes object: a model of kubernetes-models, or of custom-kind.ts. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  /** @throws where the object is not what the schema of its kind asks for */
  validate(): void;
  toJSON(): unknown;
}

/** A Secret that the objects name, and that never stands in the tree: it is sealed, or made in the cluster. */
export interface NeededSecret {
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
}

/** What Flux applies in one go, as one Flux Kustomization. What brings custom kinds and what uses them are two stages. */
export interface Stage {
  /** Also the name of the Flux Kustomization and of the folder in the rendered tree. */
  readonly name: string;
  /** Stages that must be ready first. */
  readonly needs: readonly string[];
  /**
   * `all`: every object is ready; `applied`: they are there, and nobody waits for more.
   * @default "all"
   */
  readonly ready?: 'all' | 'applied';
  readonly manifests: readonly Manifest[];
  readonly secrets?: readonly NeededSecret[];
  /** What an object of this stage makes tofu-controller apply: rendered beside the manifests, where Flux does not read it. */
  readonly terraform?: TerraformStack;
}

/** A service of the platform: no stages where the plan does without it. Every folder in services/ exports one as `service`. */
export type Service = (plan: ClusterPlan) => readonly Stage[];

/** A stage, and the file that it was written in. */
export interface SourcedStage extends Stage {
  /** From the root of the repository: `platform/services/metallb/metallb.ts`. */
  readonly source: string;
  /** True: there are Secrets in it that Flux opens (SOPS). */
  readonly decrypted?: boolean;
}
