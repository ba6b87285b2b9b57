import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { SpecError } from '../../modules/model/spec-error';
import type { Manifest } from '../stage';
import type { Opening, Port } from './network-policies';

/** The stage that makes disks for pods; its class is the default one. */
export const storageStage = ({ platform }: ClusterPlan): string => platform.storage;

/** The stage after which a route is served. */
export const entryStage = ({ platform }: ClusterPlan): string =>
  platform.gateway === 'cilium' ? 'gateway' : 'ingress-nginx';

/** The stage that opens what is committed sealed; none where Flux itself does. */
export const secretStages = ({ platform }: ClusterPlan): string[] =>
  platform.secrets === 'sealed-secrets' ? ['sealed-secrets'] : [];

/** The one Gateway, where Cilium serves. */
export const GATEWAY = { name: 'platform', namespace: 'gateway' } as const;

/** What the wildcard certificate is kept in, in the namespace of whoever serves it. */
export const WILDCARD_SECRET = 'wildcard-tls';

/** Namespace of whoever serves the wildcard certificate. */
export const entryNamespace = ({ platform }: ClusterPlan): string =>
  platform.gateway === 'cilium' ? GATEWAY.namespace : 'ingress-nginx';

/** What lets requests from the entry reach pods at these ports. */
export const entryOpening = ({ platform }: ClusterPlan, ports: readonly Port[]): Opening =>
  platform.gateway === 'cilium' ? { from: { ingress: ports } } : { fromNamespaces: { 'ingress-nginx': ports } };

/** The full name of an application in the zone of the cluster: `git.test-cluster.example.org`. */
export const hostIn = ({ platform }: ClusterPlan, label: string): string => `${label}.${domainOf(platform)}`;

/** The name server of the cluster's zone, in the zone itself: PowerDNS, reached through the proxy outside. */
export const nameServerOf = (domain: string): string => `ns1.${domain}`;

const domainOf = ({ domain }: ClusterPlan['platform']): string => {
  if (domain === undefined) throw new SpecError('platform.domain is not given, and applications need it; set it');
  return domain;
};

interface WebRoute {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  /**
   * Only requests for paths that begin so.
   * @default "/"
   */
  readonly prefix?: string;
  /** Name of the Service, and its port. */
  readonly service: string;
  readonly port: number;
}

/** Requests for a host go to a service: an HTTPRoute, or an Ingress where ingress-nginx serves. */
export const webRoute = ({ platform }: ClusterPlan, route: WebRoute): Manifest[] => {
  const metadata = { name: route.name, namespace: route.namespace };
  const { prefix = '/' } = route;
  if (platform.gateway === 'cilium') {
    return [
      new HTTPRoute({
        metadata,
        spec: {
          parentRefs: [GATEWAY],
          hostnames: [route.host],
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: prefix } }],
              backendRefs: [{ name: route.service, port: route.port }],
            },
          ],
        },
      }),
    ];
  }
  const backend = { service: { name: route.service, port: { number: route.port } } };
  return [
    new Ingress({
      metadata,
      spec: {
        ingressClassName: 'nginx',
        // No secret: the controller's default certificate is the wildcard
        tls: [{ hosts: [route.host] }],
        rules: [{ host: route.host, http: { paths: [{ path: prefix, pathType: 'Prefix', backend }] } }],
      },
    }),
  ];
};
