import type { TerraformStack } from '../../terraform/stack';

export const VAULT = { address: 'http://vault.vault.svc.cluster.local:8200' };

/** Who may do what, in Vault's own language. */
const policy = (path: string, ...capabilities: readonly string[]): string =>
  `path "${path}" {\n  capabilities = ${JSON.stringify(capabilities)}\n}\n`;

/** What Vault needs before others can use it: the place for secrets, a log of who asked, and the login of external-secrets. */
export const vaultStack: TerraformStack = {
  name: 'vault',
  after: [],
  providers: { vault: VAULT },
  environment: ['vault-token'],
  resource: {
    vault_mount: { kv: { path: 'kv', type: 'kv', options: { version: '2' }, description: 'secrets of applications' } },
    vault_audit: { stdout: { type: 'file', options: { file_path: 'stdout' } } },
    vault_policy: {
      external_secrets: {
        name: 'external-secrets',
        policy:
          policy('${vault_mount.kv.path}/data/*', 'read') + policy('${vault_mount.kv.path}/metadata/*', 'read', 'list'),
      },
      administrators: {
        name: 'administrators',
        policy: policy('${vault_mount.kv.path}/*', 'create', 'read', 'update', 'delete', 'list'),
      },
    },
    vault_auth_backend: { kubernetes: { type: 'kubernetes' } },
    vault_kubernetes_auth_backend_config: {
      // Vault shows its own service account: it runs in this cluster
      cluster: {
        backend: '${vault_auth_backend.kubernetes.path}',
        kubernetes_host: 'https://kubernetes.default.svc.cluster.local',
      },
    },
    vault_kubernetes_auth_backend_role: {
      external_secrets: {
        backend: '${vault_auth_backend.kubernetes.path}',
        role_name: 'external-secrets',
        audience: 'vault',
        bound_service_account_names: ['external-secrets'],
        bound_service_account_namespaces: ['external-secrets'],
        token_policies: ['${vault_policy.external_secrets.name}'],
        token_ttl: 3600,
      },
    },
  },
};
