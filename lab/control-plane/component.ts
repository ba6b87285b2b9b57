import { createHash } from 'node:crypto';
import type { ControlPlaneSecrets } from './control-plane-secrets';
import type { ComponentConfig, ControlPlaneConfig, NodeConfig } from './machine-config';

/** One of the processes that Talos runs as a static pod. */
export interface Component {
  /** `kube-apiserver`: name of the binary, of the pod before the node's name, and of the label `k8s-app`. */
  readonly name: string;
  readonly config: ComponentConfig;
  readonly args: readonly string[];
  /** Config files that it reads, by absolute path; secrets are not among them. */
  readonly files: Readonly<Record<string, string>>;
  /** Another value means that the process has to be started anew. */
  readonly revision: string;
}

/** What a component is made from. */
export interface ComponentInput {
  readonly config: NodeConfig;
  readonly controlPlane: ControlPlaneConfig;
  /** Folders of the secrets. */
  readonly secrets: Pick<ControlPlaneSecrets, 'apiServer' | 'controllerManager' | 'scheduler'>;
  readonly address: string;
  /** Folder for config files that are not secret. */
  readonly configPath: string;
  readonly auditPath: string;
}

/** `sources`: what else it depends on, as the names in its certificate. */
export const asComponent = (component: Omit<Component, 'revision'>, sources: unknown = null): Component => ({
  ...component,
  revision: createHash('sha256')
    .update(JSON.stringify([component, sources]))
    .digest('hex'),
});
