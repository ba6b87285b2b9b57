import { z } from 'zod';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { CustomKind } from '../custom-kind';
import type { Manifest } from '../stage';
import { TERRAFORM_PROVIDERS } from '../versions';

export type ProviderName = keyof typeof TERRAFORM_PROVIDERS;

/** Arguments of a resource, a data source or a provider. A string may be an expression: `${vault_mount.kv.path}`. */
export type Arguments = Readonly<Record<string, unknown>>;

/** By type, then by name. */
export type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

/** Terraform that tofu-controller applies from the rendered tree. */
export interface TerraformStack {
  /** Also the name of its folder and of its object in the cluster. */
  readonly name: string;
  /** Stacks that must have been applied before. */
  readonly after: readonly string[];
  readonly providers: Readonly<Partial<Record<ProviderName, Arguments>>>;
  readonly data?: Blocks;
  readonly resource: Blocks;
  /** Secrets in the runner's namespace whose keys are its environment: tokens reach the providers there, and nowhere else. */
  readonly environment: readonly string[];
}

/** Where tofu-controller is, its objects, and the pods that it runs Terraform in. */
export const RUNNER_NAMESPACE = 'tofu-system';

// Source: flux-iac/tofu-controller 0.16.5, config/crd/bases/infra.contrib.fluxcd.io_terraforms.yaml, v1alpha2
const named = z.strictObject({ name: z.string() });
const Terraform = new CustomKind(
  'infra.contrib.fluxcd.io/v1alpha2',
  'Terraform',
  z.strictObject({
    approvePlan: z.literal('auto'),
    path: z.string().startsWith('./'),
    sourceRef: z.strictObject({ kind: z.literal('GitRepository'), name: z.string(), namespace: z.string() }),
    interval: z.string(),
    retryInterval: z.string(),
    dependsOn: z.array(named).optional(),
    storeReadablePlan: z.enum(['none', 'json', 'human']),
    runnerPodTemplate: z.strictObject({
      spec: z.strictObject({
        envFrom: z.array(z.strictObject({ secretRef: named })).optional(),
        resources: z.record(z.string(), z.record(z.string(), z.string())),
      }),
    }),
  }),
);

/** What makes tofu-controller plan and apply a stack, again whenever it has drifted. Destroyed is nothing: a stack that goes leaves its work. */
export const terraformObject = ({ flux }: ClusterPlan, { name, after, environment }: TerraformStack): Manifest =>
  Terraform.of(
    { name, namespace: RUNNER_NAMESPACE },
    {
      approvePlan: 'auto',
      path: `${flux.path}/terraform/${name}`,
      sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      interval: '10m',
      retryInterval: '1m',
      // A plan in a ConfigMap would show what is secret to whoever may read it
      storeReadablePlan: 'none',
      ...(after.length > 0 && { dependsOn: after.map((stack) => ({ name: stack })) }),
      runnerPodTemplate: {
        spec: {
          ...(environment.length > 0 && { envFrom: environment.map((secret) => ({ secretRef: { name: secret } })) }),
          resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '1Gi' } },
        },
      },
    },
  );

/** `main.tf.json`: Terraform's JSON syntax, which has no comments but the key `//`. */
export const terraformJson = (comment: string, { providers, data, resource }: TerraformStack): string =>
  `${JSON.stringify(
    {
      '//': comment,
      terraform: {
        required_providers: Object.fromEntries(
          Object.keys(providers)
            .sort()
            .map((name) => [name, TERRAFORM_PROVIDERS[name as ProviderName]]),
        ),
      },
      provider: providers,
      ...(data !== undefined && { data }),
      resource,
    },
    null,
    2,
  )}\n`;
