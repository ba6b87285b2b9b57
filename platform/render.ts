import { Kustomization } from '@kubernetes-models/flux-cd/kustomize.toolkit.fluxcd.io/v1';
import { stringify } from 'yaml';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { SpecError } from '../modules/model/spec-error';
import { outsideOf } from './outside/outside';
import type { Manifest, SourcedStage } from './stage';
import { checkStack } from './terraform/check-stack';
import { terraformJson } from './terraform/stack';

/** Name of the GitRepository that follows this repository, and its namespace: modules/flux makes it. */
const SOURCE = { name: 'flux-system', namespace: 'flux-system' };

/** Secret in that namespace with the age key, under `age.agekey`, that Flux opens SOPS with. */
const AGE_KEY = 'sops-age';

/** Contents by path, from the folder of the cluster on: `services/metallb/Namespace-metallb-system.yaml`. In order. */
export type Tree = ReadonlyMap<string, string>;

const mark = (source: string): string =>
  `Rendered from ${source} by \`npx groundwork platform render\`: a change here is lost`;

const yaml = (source: string, content: unknown): string =>
  [`# ${mark(source)}`, stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })].join('\n');

const nameOf = ({ kind, metadata }: Manifest): string => `${kind}-${metadata?.name ?? ''}`;

const checked = (source: string, manifest: Manifest): unknown => {
  try {
    manifest.validate();
  } catch (error) {
    throw new SpecError(`${nameOf(manifest)} of ${source} is not what its schema asks for: ${String(error)}`);
  }
  return manifest.toJSON();
};

/** What makes Flux apply a stage, and in which order. Waits for all that it applies, or for nothing: never for a list of its own. */
export const fluxKustomization = (
  plan: ClusterPlan,
  { name, needs, ready = 'all', decrypted = false }: SourcedStage,
): Kustomization =>
  new Kustomization({
    metadata: { name, namespace: SOURCE.namespace },
    spec: {
      sourceRef: { kind: 'GitRepository', name: SOURCE.name },
      path: `${plan.flux.path}/services/${name}`,
      interval: '10m',
      retryInterval: '1m',
      timeout: '15m',
      prune: true,
      wait: ready === 'all',
      ...(decrypted && { decryption: { provider: 'sops', secretRef: { name: AGE_KEY } } }),
      ...(needs.length > 0 && { dependsOn: [...needs].sort().map((need) => ({ name: need })) }),
    },
  });

/**
 * The tree as Flux reads it: at its root a list of Flux Kustomizations, each of which applies the folder of one stage.
 * @throws SpecError where an object is not what its schema asks for, or where two have one file
 */
export const render = (plan: ClusterPlan, stages: readonly SourcedStage[]): Tree => {
  const tree = new Map<string, string>();
  const addText = (path: string, source: string, text: string): void => {
    if (tree.has(path)) throw new SpecError(`${source} renders ${path} twice; give one of the two another name`);
    tree.set(path, text);
  };
  const add = (path: string, source: string, content: unknown): void => addText(path, source, yaml(source, content));
  add('kustomization.yaml', 'platform/render.ts', {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: stages.map(({ name }) => `flux/${name}.yaml`),
  });
  for (const stage of stages) {
    const { name, source, manifests, terraform } = stage;
    add(`flux/${name}.yaml`, source, checked(source, fluxKustomization(plan, stage)));
    for (const manifest of manifests) {
      add(`services/${name}/${nameOf(manifest)}.yaml`, source, checked(source, manifest));
    }
    if (terraform !== undefined) {
      checkStack(terraform);
      addText(`terraform/${terraform.name}/main.tf.json`, source, terraformJson(mark(source), terraform));
    }
  }
  return new Map([...tree, ...outsideOf(plan)].sort(([one], [other]) => (one < other ? -1 : 1)));
};
