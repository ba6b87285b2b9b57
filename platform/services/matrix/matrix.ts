import { entryOpening, entryStage, hostIn, webRoute } from '../../kinds/choices';
import { connectionOf, database, DATABASE_STAGE, withDatabase } from '../../kinds/database';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'matrix';
/** Ports of Synapse, of the well-known files, and of the authentication service and Element Web. */
const [SYNAPSE, WELL_KNOWN, ACCOUNT] = [8008, 8010, 8080] as const;

/**
 * A Matrix homeserver with its web client: Element's own suite. It makes its secrets in the cluster by itself. Its Ingresses are
 * given a class that nobody serves, as routes of our own lead to it whatever the gateway is.
 */
export const service: Service = (plan) => {
  if (!plan.platform.applications.includes('matrix')) return [];
  const [server, account, chat] = [hostIn(plan, 'matrix'), hostIn(plan, 'account'), hostIn(plan, 'chat')];
  const postgres = (name: string) => {
    const { secret, ...connection } = connectionOf(name);
    return { ...connection, password: { secret, secretKey: 'password' } };
  };
  const route = (name: string, host: string, part: string, port: number, prefix = '/') =>
    webRoute(plan, { name, namespace: NAMESPACE, host, service: `${CHARTS.matrix.chart}-${part}`, port, prefix });
  return [
    {
      name: 'matrix',
      needs: [DATABASE_STAGE, entryStage(plan)],
      manifests: [
        namespaceOf(NAMESPACE, 'restricted'),
        ...networkPolicies(
          NAMESPACE,
          // To other homeservers, wherever they listen
          withDatabase({ ...entryOpening(plan, [SYNAPSE, WELL_KNOWN, ACCOUNT]), to: { world: [] } }),
        ),
        database(plan, { namespace: NAMESPACE, name: 'synapse', sizeGiB: 10, locale: 'C' }),
        database(plan, { namespace: NAMESPACE, name: 'account', sizeGiB: 2 }),
        ...helmRelease(CHARTS.matrix, {
          namespace: NAMESPACE,
          values: {
            serverName: server,
            ingress: { className: 'unserved', tlsEnabled: false },
            postgres: { enabled: false },
            synapse: {
              ingress: { host: server },
              postgres: postgres('synapse'),
              resources: resources('100m', '512Mi', '2Gi'),
            },
            matrixAuthenticationService: {
              ingress: { host: account },
              postgres: postgres('account'),
              resources: resources('20m', '128Mi', '512Mi'),
            },
            elementWeb: { ingress: { host: chat }, resources: resources('10m', '32Mi', '128Mi') },
            haproxy: { resources: resources('20m', '64Mi', '256Mi') },
            elementAdmin: { enabled: false },
            // Calls need ports of the nodes that are open to the world
            matrixRTC: { enabled: false },
          },
        }),
        ...route('matrix', server, 'synapse', SYNAPSE),
        ...route('matrix-well-known', server, 'well-known', WELL_KNOWN, '/.well-known/matrix'),
        ...route('account', account, 'matrix-authentication-service', ACCOUNT),
        ...route('chat', chat, 'element-web', 80),
      ],
    },
  ];
};
