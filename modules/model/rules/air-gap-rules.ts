import type { ClusterPlan } from '../cluster-plan';
import { PUBLIC_REGISTRIES } from '../registries';
import { PUBLIC_SOURCES, SPEC_DEFAULTS } from '../spec-defaults';
import type { Rule } from './rule';

/** Who asks whom for what, and the field that leads them elsewhere. */
interface Question {
  readonly path: string;
  readonly asks: string;
  /** Hosts. None: nothing is asked there. */
  readonly hosts: readonly string[];
  readonly fix: string;
}

const isOpen = (registry: string, { talos: { registryMirrors }, images: { factory } }: ClusterPlan): boolean => {
  if (registry === new URL(PUBLIC_SOURCES.factory).host && factory !== PUBLIC_SOURCES.factory) return false;
  return (registryMirrors[registry] ?? registryMirrors['*'])?.skipFallback !== true;
};

/** Forges that anybody may have a repository on. */
const FORGE = /^(.+\.)?(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$/;

const questions = (plan: ClusterPlan): Question[] => {
  const { airGap, discovery, flux, images, network, platform, tailscale, talos } = plan;
  const nameServers: readonly string[] = SPEC_DEFAULTS.network.nameServers;
  const publicTime: readonly string[] = PUBLIC_SOURCES.timeServers;
  const only = (condition: boolean, ...hosts: readonly string[]): readonly string[] => (condition ? hosts : []);
  return [
    {
      path: 'airGap.factory',
      asks: 'Proxmox and nodes ask for disk images at',
      hosts: only(images.factory === PUBLIC_SOURCES.factory, new URL(PUBLIC_SOURCES.factory).host),
      fix: 'give the URL of an Image Factory of your own',
    },
    {
      path: 'airGap.registry',
      asks: 'nodes ask for container images at',
      hosts: PUBLIC_REGISTRIES.filter((registry) => isOpen(registry, plan)),
      fix: 'give the URL of a registry that holds them',
    },
    {
      path: 'airGap.charts',
      asks: 'Terraform and Flux ask for charts at',
      hosts: only(
        airGap?.charts === undefined,
        'helm.cilium.io',
        'fluxcd-community.github.io',
        'and those of the platform',
      ),
      fix: 'give the URL of a chart repository that holds them',
    },
    {
      path: 'airGap.git',
      asks: 'Flux asks for the kinds of the Gateway API at',
      hosts: only(airGap?.git === undefined && platform.gateway === 'cilium', 'github.com'),
      fix: 'give the URL of a Git server that has kubernetes-sigs/gateway-api',
    },
    {
      path: 'airGap.timeServers',
      asks: 'nodes ask for the time at',
      hosts: network.timeServers.filter((server) => publicTime.includes(server)),
      fix: 'give time servers in your network',
    },
    {
      path: 'network.nameServers',
      asks: 'nodes ask for names at',
      hosts: network.nameServers.map(String).filter((server) => nameServers.includes(server)),
      fix: 'give name servers in your network',
    },
    {
      path: 'talos.discoveryService',
      asks: 'nodes ask for each other at',
      hosts: only(discovery && talos.discoveryService === undefined, 'discovery.talos.dev'),
      fix: 'give the URL of a discovery service of your own, or set talos.discovery: false',
    },
    {
      path: 'tailscale.loginServer',
      asks: 'nodes log in at',
      hosts: only(tailscale !== undefined && tailscale.loginServer === undefined, 'controlplane.tailscale.com'),
      fix: 'give the URL of a Headscale server',
    },
    {
      path: 'flux.repository',
      asks: 'Flux asks for this repository at',
      hosts: [new URL(flux.repository).hostname].filter((host) => FORGE.test(host)),
      fix: 'keep it on a Git server in your network',
    },
  ];
};

const publicHost: Rule = {
  code: 'public-host',
  severity: 'warning',
  *find(plan) {
    if (plan.airGap === undefined) return;
    for (const { path, asks, hosts, fix } of questions(plan)) {
      if (hosts.length > 0)
        yield { path, message: `the cluster is without the Internet, and ${asks} ${hosts.join(', ')}`, fix };
    }
  },
};

export const AIR_GAP_RULES: readonly Rule[] = [publicHost];
