import { parse } from 'yaml';
import { z } from 'zod';

/** Who calls the machine API, as a talosconfig says. */
export interface TalosIdentity {
  /** Name of the context: the cluster's name. */
  readonly context: string;
  /** Addresses or names that talosctl connects to. */
  readonly endpoints: readonly string[];
  readonly nodes: readonly string[];
  /** PEM. */
  readonly ca: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

const Context = z.object({
  endpoints: z.array(z.string()).default([]),
  nodes: z.array(z.string()).default([]),
  ca: z.string(),
  crt: z.string(),
  key: z.string(),
});
const Talosconfig = z.object({ context: z.string(), contexts: z.record(z.string(), Context) });

/** Talos labels an Ed25519 key in a way that OpenSSL does not know; the content is plain PKCS#8. */
const pem = (data: string): Buffer =>
  Buffer.from(Buffer.from(data, 'base64').toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'));

/**
 * The current context of a talosconfig.
 * @throws Error where the text is none, or has no client certificate for that context; no secret is in the message
 */
export const parseTalosconfig = (text: string): TalosIdentity => {
  const parsed = Talosconfig.safeParse(parse(text));
  if (!parsed.success)
    throw new Error(`talosconfig is not valid at ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  const { context, contexts } = parsed.data;
  const found = contexts[context];
  if (found === undefined) {
    throw new Error(`talosconfig has no context "${context}"; it has ${Object.keys(contexts).join(', ') || 'none'}`);
  }
  const { endpoints, nodes, ca, crt, key } = found;
  return { context, endpoints, nodes, ca: pem(ca), certificate: pem(crt), key: pem(key) };
};
