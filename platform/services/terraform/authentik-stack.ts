import type { TerraformStack } from '../../terraform/stack';
import { GROUPS } from './clients';

/** The service of the chart, which hands on to the servers' port 9000. */
export const AUTHENTIK = { url: 'http://authentik-server.authentik.svc.cluster.local' };

/** What is set up inside Authentik whatever is connected with it: who may administer, and who may use. */
export const authentikStack: TerraformStack = {
  name: 'authentik',
  after: [],
  providers: { authentik: AUTHENTIK },
  environment: ['authentik-token'],
  resource: {
    authentik_group: Object.fromEntries(
      GROUPS.map((name) => [name, { name, is_superuser: name === 'administrators' }]),
    ),
  },
};
