import { examples, type Define, type ExitStatus, type Surroundings } from '../command';
import { findKubeconfig } from '../deployment/credentials';
import { findCluster } from '../deployment/find-cluster';
import { KubernetesClient } from '../kubernetes/kubernetes-client';
import { lookAtManifests, syncManifests, type SyncStep } from './sync-manifests';

interface Options {
  readonly check?: boolean;
  readonly json?: boolean;
}

const DONE: Readonly<Record<SyncStep['action'], string>> = {
  none: 'as planned',
  create: 'made',
  change: 'changed',
  delete: 'deleted',
};
const TO_DO: Readonly<Record<SyncStep['action'], string>> = {
  none: 'as planned',
  create: 'is missing',
  change: 'is not as planned',
  delete: 'is not planned',
};

const lines = ({ object, action, differences }: SyncStep, words: typeof DONE): string[] => [
  `${object}: ${words[action]}`,
  ...differences.map((difference) => `  ${difference}`),
];

const sync = async (
  { environment, out }: Surroundings,
  cluster: string | undefined,
  { check = false, json = false }: Options,
): Promise<ExitStatus> => {
  const plan = findCluster(cluster, environment);
  const api = new KubernetesClient(await findKubeconfig(plan, environment));
  const steps = await (check ? lookAtManifests(plan, api) : syncManifests(plan, api));
  out(
    json
      ? `${JSON.stringify(steps, undefined, 2)}\n`
      : `${steps.flatMap((step) => lines(step, check ? TO_DO : DONE)).join('\n')}\n`,
  );
  return check && steps.some(({ action }) => action !== 'none') ? 1 : 0;
};

/** `groundwork sync-manifests`: what Talos made from a machine config and never changes, kube-vip's objects, as now planned. */
export const syncManifestsCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; may be left out where there is one')
    .option('--check', 'say what differs, and change nothing')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork sync-manifests --check', 'npx groundwork sync-manifests'],
        'with --check: something differs',
      ),
    )
    .action((cluster: string | undefined, options: Options) =>
      run((surroundings) => sync(surroundings, cluster, options)),
    );
};
