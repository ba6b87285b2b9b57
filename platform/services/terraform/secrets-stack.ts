import type { TerraformStack } from '../../terraform/stack';
import { type Client, secretPathOf } from './clients';
import { VAULT } from './vault-stack';

/** Secrets that nobody chooses: made once, and kept in Vault. They also stand in the state, which is a Secret beside the runner. */
export const secretsStack = (clients: readonly Client[]): TerraformStack => ({
  name: 'secrets',
  after: ['vault'],
  providers: { vault: VAULT, random: {} },
  environment: ['vault-token'],
  resource: {
    random_password: Object.fromEntries(clients.map(({ name }) => [name, { length: 48, special: false }])),
    vault_kv_secret_v2: Object.fromEntries(
      clients.map((client) => [
        client.name,
        {
          mount: 'kv',
          name: secretPathOf(client),
          data_json: `\${jsonencode({ client_id = "${client.name}", client_secret = random_password.${client.name}.result })}`,
        },
      ]),
    ),
  },
});
