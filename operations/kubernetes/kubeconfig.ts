import { parse } from 'yaml';
import { z } from 'zod';

/** Where the API server is, and who calls it, as a kubeconfig of Talos says. */
export interface KubernetesIdentity {
  /** As `https://10.0.3.1:6443`. */
  readonly server: URL;
  /** PEM. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const named = <Value extends z.ZodType>(key: string, value: Value) =>
  z.array(z.object({ name: z.string() }).and(z.record(z.literal(key), value)));
const Kubeconfig = z.object({
  'current-context': z.string(),
  contexts: named('context', z.object({ cluster: z.string(), user: z.string() })),
  clusters: named('cluster', z.object({ server: z.url(), 'certificate-authority-data': z.string() })),
  users: named('user', z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() })),
});

const decoded = (data: string): string => Buffer.from(data, 'base64').toString('utf8');

/**
 * The current context of a kubeconfig with a client certificate in it, which is what Talos gives.
 * @throws Error where it is another kind; no secret is in the message
 */
export const parseKubeconfig = (text: string): KubernetesIdentity => {
  const parsed = Kubeconfig.safeParse(parse(text));
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path }) => path.join('.') || 'its top level').join(', ');
    throw new Error(`kubeconfig is not one with a client certificate, as Talos gives it: look at ${places}`);
  }
  const config = parsed.data;
  const current = config['current-context'];
  const context = config.contexts.find(({ name }) => name === current)?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    throw new Error(`kubeconfig has no cluster and user for its current context "${current}"`);
  }
  return {
    server: new URL(cluster.server),
    ca: decoded(cluster['certificate-authority-data']),
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
};
