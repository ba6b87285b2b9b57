import { examples, type Define, type ExitStatus, type Surroundings } from '../command';
import { findCluster, InputError } from '../deployment/find-cluster';
import { KubernetesClient, KubernetesError } from '../kubernetes/kubernetes-client';
import { recordedIn, type Recorded } from '../recover/recorded';
import { TerraformWorkspace } from '../terraform/workspace';

interface Flags {
  readonly force?: boolean;
}

/** Resources that only the Kubernetes API can delete; they are gone with the machines, too. */
const NEEDS_API = /^(helm_release|kubernetes_[a-z_0-9]+)\./;

const SYNC = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system';

/** So that Flux puts nothing back while charts go. @throws InputError where nobody answers */
const suspendFlux = async ({ kubernetes }: Recorded, stack: string): Promise<string> => {
  if (kubernetes === undefined) return 'there is no Kubernetes API yet';
  try {
    await new KubernetesClient(kubernetes).patch(SYNC, { spec: { suspend: true } });
    return 'Flux is suspended';
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return 'Flux is not there';
    const { message } = error as Error;
    const what = 'drops from the state what only that API can delete, so that the machines can go without it';
    throw new InputError(`the Kubernetes API does not do as asked: ${message}\n--force ${what} (stack ${stack})`);
  }
};

const forget = async (workspace: TerraformWorkspace, { addresses }: Recorded): Promise<string> => {
  const gone = [...addresses].filter((address) => NEEDS_API.test(address)).sort();
  if (gone.length === 0) return 'the state has nothing that needs the Kubernetes API';
  await workspace.terraform(['state', 'rm', '-lock-timeout=30s', ...gone]);
  return `dropped from the state: ${gone.join(', ')}`;
};

const prepare = async (
  cluster: string | undefined,
  { force = false }: Flags,
  { environment, err }: Surroundings,
): Promise<ExitStatus> => {
  const plan = findCluster(cluster, environment);
  const tell = (line: string): void => err(`${line}\n`);
  return TerraformWorkspace.use({ stack: plan.stack, environment, tell }, async (workspace) => {
    const recorded = recordedIn(await workspace.terraform(['show', '-json', '-no-color']), plan.endpoint.url);
    tell(await (force ? forget(workspace, recorded) : suspendFlux(recorded, plan.stack)));
    tell(`next: npx cdktf destroy ${plan.stack}`);
    return 0;
  });
};

/** `groundwork teardown`: readies a cluster for `cdktf destroy`; destroys nothing itself. */
export const teardown: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--force', 'the Kubernetes API is dead: drop what needs it from the state')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork teardown', 'npx groundwork teardown infrastructure --force'],
        'the Kubernetes API does not answer and --force was not given, or bad input',
      ),
    )
    .action((cluster: string | undefined, flags: Flags) =>
      run((surroundings) => prepare(cluster, flags, surroundings)),
    );
};
