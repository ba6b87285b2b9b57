import { KubernetesClient } from './kubernetes-client';
import type { KeyPair, NodeConfig } from './machine-config';

interface EndpointSlice {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
}

const PATH = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';

/**
 * Addresses of control planes, from discovery and from the `kubernetes` endpoint slice, which is asked for at the
 * cluster endpoint: the node's own API server is not there before etcd is (Talos k8s/endpoint.go).
 */
export const controlPlaneEndpoints = (
  config: NodeConfig,
  admin: KeyPair,
  discovered: () => readonly string[],
): (() => Promise<readonly string[]>) => {
  const client = new KubernetesClient({ server: config.endpoint.url, caCert: config.caCert, client: admin });
  let known: readonly string[] = [];
  return async () => {
    try {
      const slice = await client.call<EndpointSlice>('GET', PATH, { timeoutMs: 2000 });
      known = (slice.endpoints ?? []).flatMap(({ addresses }) => addresses);
    } catch {
      // The endpoint does not answer now: what it said last still holds.
    }
    return [...new Set([...discovered(), ...known])];
  };
};
