import type { ApplicationName, ClusterPlan } from '../../../modules/model/cluster-plan';
import { hostIn } from '../../kinds/choices';

/** An application that people sign on to by way of Authentik (OpenID Connect). */
export interface Client {
  /** Also its client id, and the name of its application in Authentik. */
  readonly name: ApplicationName;
  readonly redirect: string;
  /** Whoever may sign on: a group in Authentik. */
  readonly group: Group;
}

/** Groups in Authentik, and in what is connected with it. */
export const GROUPS = ['administrators', 'people'] as const;
export type Group = (typeof GROUPS)[number];

/** Name of the provider in Gitea, part of the address that Authentik sends people back to. */
const GITEA_PROVIDER = 'authentik';

/** Port at which `vault login -method=oidc` waits on the computer of whoever signs on: Vault has no address outside. */
const VAULT_CLI = 'http://localhost:8250/oidc/callback';

/** Matrix is not among them: its authentication service takes such a provider from a file alone. */
export const clientsOf = (plan: ClusterPlan): Client[] => {
  const all: Client[] = [
    {
      name: 'gitea',
      redirect: `https://${hostIn(plan, 'git')}/user/oauth2/${GITEA_PROVIDER}/callback`,
      group: 'people',
    },
    { name: 'harbor', redirect: `https://${hostIn(plan, 'registry')}/c/oidc/callback`, group: 'people' },
    { name: 'vault', redirect: VAULT_CLI, group: 'administrators' },
  ];
  return all.filter(({ name }) => plan.platform.applications.includes(name));
};

/** Where Authentik says how it is spoken to, for one client. */
export const issuerOf = (plan: ClusterPlan, { name }: Client): string =>
  `https://${hostIn(plan, 'auth')}/application/o/${name}/`;

/** Where Vault keeps the id and the secret of a client, below its mount `kv`. */
export const secretPathOf = ({ name }: Pick<Client, 'name'>): string => `sign-on/${name}`;
