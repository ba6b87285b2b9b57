import type { Rule } from './rule';

const tailscaleOauth: Rule = {
  code: 'tailscale-oauth',
  severity: 'error',
  *find({ tailscale }) {
    if (tailscale?.credential !== 'oauth') return;
    if (tailscale.tags.length === 0) {
      yield {
        path: 'tailscale.tags',
        message: 'the key is of an OAuth client, whose nodes belong to tags, and there are none',
        fix: "add tags: ['tag:<name>'], one that the client may give",
      };
    }
    if (tailscale.loginServer !== undefined) {
      yield {
        path: 'tailscale.credential',
        message: `the key is of an OAuth client, and Headscale at ${tailscale.loginServer} knows auth keys alone`,
        fix: "use 'auth-key', or leave loginServer out",
      };
    }
  },
};

const acceptedRoute: Rule = {
  code: 'accepted-route',
  severity: 'error',
  *find({ tailscale, network }) {
    if (tailscale?.acceptRoutes !== true) return;
    const route = tailscale.routes.find((candidate) => candidate.overlaps(network.cidr));
    if (route === undefined) return;
    yield {
      path: 'tailscale.acceptRoutes',
      message: `nodes would accept the route ${route.toString()} that control planes advertise, which is in their own network ${network.cidr.toString()}: packets to it would go through the tailnet`,
      fix: 'leave acceptRoutes out, or advertise no part of the network: the pools ingress and dns are advertised by their names',
    };
  },
};

export const TAILSCALE_RULES: readonly Rule[] = [tailscaleOauth, acceptedRoute];
