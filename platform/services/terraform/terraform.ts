import { RUNNER_NAMESPACE, terraformObject, type TerraformStack } from '../../terraform/stack';
import type { Service, Stage } from '../../stage';
import { authentikStack } from './authentik-stack';
import { clientsOf } from './clients';
import { integrationStack } from './integration-stack';
import { secretsStack } from './secrets-stack';
import { vaultStack } from './vault-stack';

/**
 * What is set up inside of Vault and Authentik, and between them and others, as Terraform that tofu-controller applies from the
 * rendered tree. Nothing waits for it: a person opens Vault first.
 */
export const service: Service = (plan) => {
  const { applications } = plan.platform;
  const stage = (stack: TerraformStack, needs: readonly string[], ...secrets: readonly [string, string][]): Stage => ({
    name: `terraform-${stack.name}`,
    needs: ['tofu-controller', ...needs],
    ready: 'applied',
    manifests: [terraformObject(plan, stack)],
    terraform: stack,
    secrets: secrets.map(([name, key]) => ({ namespace: RUNNER_NAMESPACE, name, keys: [key] })),
  });
  const [vault, authentik] = [applications.includes('vault'), applications.includes('authentik')];
  const stages: Stage[] = [];
  if (vault) stages.push(stage(vaultStack, ['vault'], ['vault-token', 'VAULT_TOKEN']));
  if (authentik) stages.push(stage(authentikStack, ['authentik'], ['authentik-token', 'AUTHENTIK_TOKEN']));
  if (vault && authentik) {
    const clients = clientsOf(plan);
    const harbor = applications.includes('harbor');
    stages.push(
      stage(secretsStack(clients), ['terraform-vault']),
      stage(
        integrationStack(plan, clients),
        ['terraform-authentik', 'terraform-secrets', ...(harbor ? ['harbor'] : [])],
        ...(harbor ? [['harbor-login', 'HARBOR_PASSWORD'] as [string, string]] : []),
      ),
    );
  }
  return stages;
};
