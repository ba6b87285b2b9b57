import { z } from 'zod';
import type { KubernetesIdentity } from '../kubernetes/kubeconfig';
import type { TalosIdentity } from '../talos/talosconfig';

const Shown = z.object({
  values: z
    .object({
      root_module: z.object({
        resources: z.array(z.object({ address: z.string(), values: z.record(z.string(), z.unknown()) })).default([]),
      }),
    })
    .optional(),
});
const Keys = z.object({ ca_certificate: z.string(), client_certificate: z.string(), client_key: z.string() });

/** What a Terraform state knows of a cluster whose deploy may have been cut off: outputs come at its end only. */
export interface Recorded {
  readonly addresses: ReadonlySet<string>;
  /** Of Talos' API. Missing: the state has no machine secrets yet. */
  readonly talos?: TalosIdentity;
  /** Missing: the state has no kubeconfig yet. */
  readonly kubernetes?: KubernetesIdentity;
}

const decoded = (data: string): Buffer => Buffer.from(data, 'base64');
/** Talos labels an Ed25519 key in a way that OpenSSL does not know; the content is plain PKCS#8. */
const keyOf = (data: string): Buffer =>
  Buffer.from(decoded(data).toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'));

/**
 * @param shown what `terraform show -json` prints of a state
 * @throws ZodError where it is none; no secret is in the message
 */
export const recordedIn = (shown: string, endpoint: string): Recorded => {
  const resources = Shown.parse(JSON.parse(shown)).values?.root_module.resources ?? [];
  const keysAt = (address: string, field: string): z.output<typeof Keys> | undefined => {
    const found = resources.find((resource) => resource.address === address)?.values[field];
    return found === undefined ? undefined : Keys.parse(found);
  };
  const talos = keysAt('talos_machine_secrets.identity_secrets', 'client_configuration');
  const kubernetes = keysAt('talos_cluster_kubeconfig.bootstrap_kubeconfig', 'kubernetes_client_configuration');
  return {
    addresses: new Set(resources.map(({ address }) => address)),
    ...(talos !== undefined && {
      talos: {
        ...{ context: 'recover', endpoints: [], nodes: [] },
        ca: decoded(talos.ca_certificate),
        certificate: decoded(talos.client_certificate),
        key: keyOf(talos.client_key),
      },
    }),
    ...(kubernetes !== undefined && {
      kubernetes: {
        server: new URL(endpoint),
        ca: decoded(kubernetes.ca_certificate).toString('utf8'),
        certificate: decoded(kubernetes.client_certificate).toString('utf8'),
        key: decoded(kubernetes.client_key).toString('utf8'),
      },
    }),
  };
};
