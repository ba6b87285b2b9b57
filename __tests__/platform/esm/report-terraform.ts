import { checkStack } from '../../../platform/terraform/check-stack';
import type { TerraformStack } from '../../../platform/terraform/stack';

/** Run as a process of its own, as it is ESM: what wrong stacks are refused with, as JSON. */
const kv = { path: 'kv', type: 'kv' };
const outcome = (stack: Partial<TerraformStack>): string => {
  try {
    checkStack({ name: 'x', after: [], environment: [], providers: { vault: {} }, resource: {}, ...stack });
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const policyAt = (path: string) => ({ vault_policy: { a: { name: 'a', policy: path } }, vault_mount: { kv } });

process.stdout.write(
  JSON.stringify({
    good: outcome({ resource: policyAt('path "${vault_mount.kv.path}/*" {}') }),
    misspelt: outcome({ resource: { vault_mount: { kv: { ...kv, tipe: 'kv' } } } }),
    missing: outcome({ resource: { vault_mount: { kv: { path: 'kv' } } } }),
    wrongType: outcome({
      providers: { authentik: {} },
      resource: { authentik_group: { a: { name: 'a', is_superuser: 'yes' } } },
    }),
    computed: outcome({ resource: { vault_mount: { kv: { ...kv, accessor: 'x' } } } }),
    dangling: outcome({ resource: policyAt('path "${vault_mount.kw.path}/*" {}') }),
    foreign: outcome({ resource: { harbor_config_auth: { a: { auth_mode: 'oidc_auth' } } } }),
    plain: outcome({ providers: { authentik: { url: 'http://a', token: 'letmein' } } }),
  }),
);
