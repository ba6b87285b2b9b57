import { stringify } from 'yaml';
import { z } from 'zod';
import { InputError } from '../deployment/find-cluster';

const pair = z.object({ cert: z.string(), key: z.string() });
const Secrets = z.object({
  cluster: z.object({ id: z.string(), secret: z.string() }),
  secrets: z.object({
    bootstrap_token: z.string(),
    secretbox_encryption_secret: z.string().nullish(),
    aescbc_encryption_secret: z.string().nullish(),
  }),
  trustdinfo: z.object({ token: z.string() }),
  certs: z.object({
    ...{ etcd: pair, k8s: pair, k8s_aggregator: pair, os: pair },
    k8s_serviceaccount: z.object({ key: z.string() }),
  }),
});
const State = z.object({
  resources: z.array(
    z.object({ type: z.string(), instances: z.array(z.object({ attributes: z.record(z.string(), z.unknown()) })) }),
  ),
});

/**
 * The cluster's machine secrets as `talosctl gen secrets` writes them, which `terraform import` takes. Source: Talos,
 * pkg/machinery/config/generate/secrets/bundle.go; provider, talos_machine_secrets_resource.go, ImportState.
 * @param state what `terraform state pull` prints
 * @throws InputError where it has none; no secret is in the message
 */
export const machineSecretsIn = (state: string): string => {
  const { resources } = State.parse(JSON.parse(state));
  const found = resources.find(({ type }) => type === 'talos_machine_secrets')?.instances[0]?.attributes;
  if (found === undefined) throw new InputError('the state has no machine secrets: is the cluster deployed?');
  const { data, error } = Secrets.safeParse(found['machine_secrets']);
  if (data === undefined)
    throw new InputError(
      `the machine secrets of the state are not as the Talos provider writes them at ${error.issues.map(({ path }) => path.join('.')).join(', ')}`,
    );
  const { cluster, secrets, trustdinfo, certs } = data;
  const keys = ({ cert, key }: z.infer<typeof pair>): object => ({ crt: cert, key });
  const optional = (name: string, value: string | null | undefined): object =>
    value === null || value === undefined || value === '' ? {} : { [name]: value };
  return stringify({
    cluster,
    secrets: {
      bootstraptoken: secrets.bootstrap_token,
      ...optional('secretboxencryptionsecret', secrets.secretbox_encryption_secret),
      ...optional('aescbcencryptionsecret', secrets.aescbc_encryption_secret),
    },
    trustdinfo,
    certs: {
      etcd: keys(certs.etcd),
      k8s: keys(certs.k8s),
      k8saggregator: keys(certs.k8s_aggregator),
      k8sserviceaccount: certs.k8s_serviceaccount,
      os: keys(certs.os),
    },
  });
};
