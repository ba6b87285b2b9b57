import type { NodePlan, TailscalePlan } from '../model/cluster-plan';

/** An OAuth client's secret makes a key at each login; a node that is kept must not vanish when it is off (tailscale.com, "OAuth clients"). */
const OAUTH_KEY = '?ephemeral=false&preauthorized=true';

/** Of `tailscale up`. */
const extraArguments = ({ loginServer, tags, acceptRoutes }: TailscalePlan): string[] => [
  ...(loginServer === undefined ? [] : [`--login-server=${loginServer}`]),
  ...(tags.length === 0 ? [] : [`--advertise-tags=${tags.join(',')}`]),
  ...(acceptRoutes ? ['--accept-routes'] : []),
];

/**
 * Settings of the extension `siderolabs/tailscale`, by the names that its README gives (siderolabs/extensions,
 * network/tailscale). A node logs in once: later starts keep what it is in the tailnet.
 *
 * @param authKey Terraform expression of a sensitive variable
 */
export const tailscaleService = (tailscale: TailscalePlan, node: NodePlan, authKey: string): object => {
  const { credential, routes } = tailscale;
  const extra = extraArguments(tailscale);
  return {
    apiVersion: 'v1alpha1',
    kind: 'ExtensionServiceConfig',
    name: 'tailscale',
    environment: [
      `TS_AUTHKEY=${authKey}${credential === 'oauth' ? OAUTH_KEY : ''}`,
      'TS_AUTH_ONCE=true',
      `TS_HOSTNAME=${node.name}`,
      ...(node.role === 'controlplane' && routes.length > 0 ? [`TS_ROUTES=${routes.map(String).join(',')}`] : []),
      ...(extra.length > 0 ? [`TS_EXTRA_ARGS=${extra.join(' ')}`] : []),
    ],
  };
};
