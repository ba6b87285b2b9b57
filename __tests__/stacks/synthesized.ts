import { App, Testing } from 'cdktf';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { providerVersions } from '../../modules/providers/provider-versions';
import { InfrastructureStack } from '../../stacks/infrastructure-stack';

type Block = Readonly<Record<string, unknown>>;

/** Terraform's JSON, as far as tests look into it. */
export interface TerraformJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly provider: Readonly<Record<string, readonly Block[]>>;
  readonly output: Readonly<Record<string, Block>>;
  readonly variable?: Readonly<Record<string, Block>>;
  readonly terraform: { readonly required_providers: Readonly<Record<string, { version: string }>> };
}

export const synthesizedText = (plan: ClusterPlan, others = ''): string =>
  Testing.synth(
    new InfrastructureStack(new App(), {
      plan,
      providerVersions: providerVersions(others),
      stateDirectory: '../../../terraform-state',
    }),
  );

export const synthesized = (plan: ClusterPlan, others = ''): TerraformJson =>
  JSON.parse(synthesizedText(plan, others)) as TerraformJson;

const named = (kinds: TerraformJson['resource'], prefix: string): [string, Block][] =>
  Object.entries(kinds).flatMap(([type, blocks]) =>
    Object.entries(blocks).map(([name, block]): [string, Block] => [`${prefix}${type}.${name}`, block]),
  );

/** Every resource and data source, by its Terraform address. */
export const blocksByAddress = ({ resource, data }: TerraformJson): ReadonlyMap<string, Block> =>
  new Map([...named(resource, ''), ...named(data, 'data.')]);

/** The block at an address. */
export const blockAt = (json: TerraformJson, address: string): Block => {
  const block = blocksByAddress(json).get(address);
  if (block === undefined) throw new Error(`nothing at ${address}`);
  return block;
};

/** What each address waits for by itself: what it names, and what the provider of its kind names. Sorted. */
export const directDependencies = (json: TerraformJson): Readonly<Record<string, readonly string[]>> => {
  const blocks = blocksByAddress(json);
  return Object.fromEntries(
    [...blocks].map(([address, block]) => {
      const kind = address.replace(/^data\./, '').split('_')[0] ?? '';
      const text = JSON.stringify([block, json.provider[kind]]);
      const mentioned = [...blocks.keys()].filter((other) => new RegExp(`(?<![\\w.])${other}(?!\\w)`).test(text));
      return [address, mentioned.filter((other) => other !== address).sort()];
    }),
  );
};
