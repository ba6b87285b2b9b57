import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import type { Arguments, Blocks, TerraformStack } from '../../terraform/stack';
import { AUTHENTIK } from './authentik-stack';
import { type Client, GROUPS, issuerOf, secretPathOf } from './clients';
import { VAULT } from './vault-stack';

/** By client: the same block for each. */
const each = (clients: readonly Client[], block: (client: Client) => Arguments): Readonly<Record<string, Arguments>> =>
  Object.fromEntries(clients.map((client) => [client.name, block(client)]));

const secretOf = (name: string): string => `\${data.vault_kv_secret_v2.${name}.data["client_secret"]}`;

/** Authentik's own flows, scopes and key, by the names that it gives them. */
const standard: Blocks = {
  authentik_flow: {
    authorization: { slug: 'default-provider-authorization-implicit-consent' },
    invalidation: { slug: 'default-provider-invalidation-flow' },
  },
  authentik_property_mapping_provider_scope: {
    standard: {
      managed_list: ['openid', 'email', 'profile'].map((scope) => `goauthentik.io/providers/oauth2/scope-${scope}`),
    },
  },
  // Its key itself is not asked for: it would stand in the state
  authentik_certificate_key_pair: {
    signing: { name: 'authentik Self-signed Certificate', fetch_certificate: false, fetch_key: false },
  },
  authentik_group: Object.fromEntries(GROUPS.map((name) => [name, { name, include_users: false }])),
};

/** In Authentik: each client with its provider, and who may sign on to it. */
const inAuthentik = (clients: readonly Client[]): Blocks => ({
  authentik_provider_oauth2: each(clients, ({ name, redirect }) => ({
    name,
    client_id: name,
    client_secret: secretOf(name),
    authorization_flow: '${data.authentik_flow.authorization.id}',
    invalidation_flow: '${data.authentik_flow.invalidation.id}',
    // RS256: without a key Authentik signs with the client's secret, which Vault and Harbor do not take
    signing_key: '${data.authentik_certificate_key_pair.signing.id}',
    property_mappings: '${data.authentik_property_mapping_provider_scope.standard.ids}',
    allowed_redirect_uris: [{ matching_mode: 'strict', url: redirect }],
  })),
  authentik_application: each(clients, ({ name }) => ({
    name,
    slug: name,
    protocol_provider: `\${authentik_provider_oauth2.${name}.id}`,
  })),
  authentik_policy_binding: each(clients, ({ name, group }) => ({
    target: `\${authentik_application.${name}.uuid}`,
    group: `\${data.authentik_group.${group}.id}`,
    order: 0,
  })),
});

/** In Vault: administrators sign on by way of Authentik. Vault asks Authentik at once whether it is there. */
const inVault = (plan: ClusterPlan, client: Client): Blocks => ({
  vault_jwt_auth_backend: {
    authentik: {
      path: 'oidc',
      type: 'oidc',
      oidc_discovery_url: issuerOf(plan, client),
      oidc_client_id: client.name,
      oidc_client_secret: secretOf(client.name),
      default_role: 'person',
      depends_on: [`authentik_application.${client.name}`],
    },
  },
  vault_jwt_auth_backend_role: {
    person: {
      backend: '${vault_jwt_auth_backend.authentik.path}',
      role_name: 'person',
      role_type: 'oidc',
      user_claim: 'sub',
      groups_claim: 'groups',
      oidc_scopes: ['profile', 'email'],
      allowed_redirect_uris: [client.redirect],
      token_policies: ['default'],
    },
  },
  vault_identity_group: { administrators: { name: 'administrators', type: 'external', policies: ['administrators'] } },
  vault_identity_group_alias: {
    administrators: {
      name: 'administrators',
      mount_accessor: '${vault_jwt_auth_backend.authentik.accessor}',
      canonical_id: '${vault_identity_group.administrators.id}',
    },
  },
});

const inHarbor = (plan: ClusterPlan, client: Client): Blocks => ({
  harbor_config_auth: {
    authentik: {
      auth_mode: 'oidc_auth',
      oidc_name: 'authentik',
      oidc_endpoint: issuerOf(plan, client),
      oidc_client_id: client.name,
      oidc_client_secret: secretOf(client.name),
      oidc_scope: 'openid,profile,email',
      oidc_verify_cert: true,
      oidc_auto_onboard: true,
      oidc_user_claim: 'preferred_username',
      oidc_groups_claim: 'groups',
      oidc_admin_group: 'administrators',
      depends_on: [`authentik_application.${client.name}`],
    },
  },
});

/** Connects services with Authentik. Each secret is read from Vault, so that nothing here has one. */
export const integrationStack = (plan: ClusterPlan, clients: readonly Client[]): TerraformStack => {
  const find = (name: string): Client | undefined => clients.find((client) => client.name === name);
  const [vault, harbor] = [find('vault'), find('harbor')];
  return {
    name: 'integration',
    after: ['authentik', 'secrets'],
    providers: {
      vault: VAULT,
      authentik: AUTHENTIK,
      ...(harbor !== undefined && {
        harbor: { url: 'http://harbor.harbor.svc.cluster.local', username: 'admin', insecure: false },
      }),
    },
    environment: ['vault-token', 'authentik-token', ...(harbor === undefined ? [] : ['harbor-login'])],
    data: {
      ...standard,
      vault_kv_secret_v2: each(clients, (client) => ({ mount: 'kv', name: secretPathOf(client) })),
    },
    resource: {
      ...inAuthentik(clients),
      ...(vault !== undefined && inVault(plan, vault)),
      ...(harbor !== undefined && inHarbor(plan, harbor)),
    },
  };
};
