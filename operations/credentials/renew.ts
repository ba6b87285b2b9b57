import type { ClusterPlan } from '../../modules/model/cluster-plan';
import type { Surroundings } from '../command';
import { InputError } from '../deployment/find-cluster';
import { fateOf, readPlan, type ResourceChange, type TerraformPlan } from '../review/terraform-plan';
import { TerraformWorkspace } from '../terraform/workspace';

const SECRETS = 'talos_machine_secrets.identity_secrets';
const KUBECONFIG = 'talos_cluster_kubeconfig.bootstrap_kubeconfig';

/** A new client for the Talos API goes to the resources that use it: the machine config they apply is the same. */
const isSameConfig = ({ type, change: { before, after } }: ResourceChange): boolean =>
  type === 'talos_machine_configuration_apply' &&
  before?.['machine_configuration_input'] === after?.['machine_configuration_input'];

/**
 * What a plan of new credentials would change beside them: Terraform plans what they depend on as well, the first control
 * plane with its VM and its config.
 * @returns addresses
 */
export const strangersIn = ({ resource_changes: resources }: TerraformPlan): readonly string[] =>
  resources
    .filter((resource) => fateOf(resource) !== 'none' && ![SECRETS, KUBECONFIG].includes(resource.address))
    .filter((resource) => !(fateOf(resource) === 'update' && isSameConfig(resource)))
    .map(({ address }) => address);

/**
 * A new kubeconfig, which the first control plane signs, and in its last month a new talosconfig, which the Talos provider
 * signs. By an apply that plans nothing else: what Kubernetes holds can't be read while its credentials are being made
 * (modules/talos-cluster/cluster-bootstrap.ts). It needs no certificate that Kubernetes still takes.
 * @throws InputError with Terraform's last words, or with what else waits to be deployed: the kubeconfig stays as it is then
 */
export const renewCredentials = (
  { stack }: ClusterPlan,
  { environment, err }: Pick<Surroundings, 'environment' | 'err'>,
): Promise<void> => {
  const tell = (line: string): void => err(`${line}\n`);
  return TerraformWorkspace.use({ stack, environment, tell }, async (workspace) => {
    // By themselves: what machine configs are made of is not known in a plan that changes anything about the secrets.
    await workspace.plan([`-target=${SECRETS}`]);
    await workspace.apply();
    const strangers = strangersIn(readPlan(await workspace.plan([`-target=${KUBECONFIG}`, `-replace=${KUBECONFIG}`])));
    if (strangers.length > 0) {
      throw new InputError(
        `no kubeconfig is made, since ${strangers.join(', ')} would change with it; deploy that first, or take it back from the spec`,
      );
    }
    await workspace.apply();
  });
};
