import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { z } from 'zod';
import { CustomKind } from '../custom-kind';
import type { Manifest } from '../stage';

const port = z.strictObject({ port: z.string(), protocol: z.enum(['TCP', 'UDP']) });
const toPorts = z.array(z.strictObject({ ports: z.array(port) })).optional();
const entity = z.enum(['kube-apiserver', 'remote-node', 'host', 'ingress', 'world', 'cluster']);
const endpoint = z.strictObject({ matchLabels: z.record(z.string(), z.string()) });

/**
 * Cilium's own policy: the plain one knows addresses only, and Cilium does not match those of nodes, API server and gateway with
 * them. Source: docs.cilium.io, security/policy/language, "Entities based" and "IP/CIDR based".
 */
const CiliumNetworkPolicy = new CustomKind(
  'cilium.io/v2',
  'CiliumNetworkPolicy',
  z.strictObject({
    endpointSelector: z.strictObject({ matchLabels: z.record(z.string(), z.string()).optional() }),
    ingress: z
      .array(
        z.strictObject({
          fromEntities: z.array(entity).optional(),
          fromEndpoints: z.array(endpoint).optional(),
          toPorts,
        }),
      )
      .optional(),
    egress: z
      .array(
        z.strictObject({ toEntities: z.array(entity).optional(), toEndpoints: z.array(endpoint).optional(), toPorts }),
      )
      .optional(),
  }),
);

export type Entity = z.infer<typeof entity>;

/** A port, TCP unless it begins with `udp/`: `8443`, `udp/53`. */
export type Port = number | `udp/${number}`;

/** What the pods of a namespace may do beyond talking to each other and asking the cluster's DNS. */
export interface Opening {
  /** Other namespaces that come in, with the ports they reach. */
  readonly fromNamespaces?: Readonly<Record<string, readonly Port[]>>;
  /** Who else comes in: the gateway, the API server (for webhooks), anyone. */
  readonly from?: Readonly<Partial<Record<Entity, readonly Port[]>>>;
  /** Other namespaces that pods go to. */
  readonly toNamespaces?: Readonly<Record<string, readonly Port[]>>;
  /** Where else they go to. No ports: any. */
  readonly to?: Readonly<Partial<Record<Entity, readonly Port[]>>>;
}

const NAMESPACE_LABEL = 'k8s:io.kubernetes.pod.namespace';

const portsOf = (ports: readonly Port[]): z.infer<typeof toPorts> =>
  ports.length === 0
    ? undefined
    : [
        {
          ports: ports.map((given) =>
            typeof given === 'number'
              ? { port: String(given), protocol: 'TCP' as const }
              : { port: given.slice('udp/'.length), protocol: 'UDP' as const },
          ),
        },
      ];

const withPorts = (ports: readonly Port[]): { toPorts?: NonNullable<z.infer<typeof toPorts>> } => {
  const found = portsOf(ports);
  return found === undefined ? {} : { toPorts: found };
};

const entities = (given: Opening['from'] = {}): [Entity, readonly Port[]][] =>
  Object.entries(given) as [Entity, readonly Port[]][];
const namespaces = (given: Opening['toNamespaces'] = {}): [string, readonly Port[]][] => Object.entries(given);
const endpointsOf = (namespace: string) => [{ matchLabels: { [NAMESPACE_LABEL]: namespace } }];

/** Nothing goes in or out of a namespace but what is needed: pods of their own namespace, DNS, and the opening. */
export const networkPolicies = (namespace: string, opening: Opening = {}): Manifest[] => {
  const ingress = [
    ...entities(opening.from).map(([from, ports]) => ({ fromEntities: [from], ...withPorts(ports) })),
    ...namespaces(opening.fromNamespaces).map(([from, ports]) => ({
      fromEndpoints: endpointsOf(from),
      ...withPorts(ports),
    })),
  ];
  const egress = [
    ...entities(opening.to).map(([to, ports]) => ({ toEntities: [to], ...withPorts(ports) })),
    ...namespaces(opening.toNamespaces).map(([to, ports]) => ({ toEndpoints: endpointsOf(to), ...withPorts(ports) })),
  ];
  return [
    new NetworkPolicy({
      metadata: { name: 'default-deny', namespace },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: {} }] }],
        egress: [
          { to: [{ podSelector: {} }] },
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: [
              { port: 53, protocol: 'UDP' },
              { port: 53, protocol: 'TCP' },
            ],
          },
        ],
      },
    }),
    ...(ingress.length + egress.length > 0
      ? [
          CiliumNetworkPolicy.of(
            { name: 'needed', namespace },
            {
              endpointSelector: {},
              ...(ingress.length > 0 && { ingress }),
              ...(egress.length > 0 && { egress }),
            },
          ),
        ]
      : []),
  ];
};
