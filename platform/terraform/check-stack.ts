import { readFileSync } from 'node:fs';
import { SpecError } from '../../modules/model/spec-error';
import { TERRAFORM_PROVIDERS } from '../versions';
import type { Arguments, ProviderName, TerraformStack } from './stack';

// As `terraform providers schema -json` prints it
type Type = 'string' | 'number' | 'bool' | readonly ['list' | 'set' | 'map', Type];
interface Attribute {
  readonly type?: Type;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly sensitive?: boolean;
  readonly deprecated?: boolean;
}
interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<Record<string, { readonly block: Block; readonly min_items?: number }>>;
}
interface ProviderSchema {
  readonly provider: { readonly block: Block };
  readonly resource_schemas: Readonly<Record<string, { readonly block: Block }>>;
  readonly data_source_schemas: Readonly<Record<string, { readonly block: Block }>>;
}

/** Schemas of what the stacks use, as the provider itself prints them; schemas/README.md says how they are renewed. */
const schemaOf = (name: ProviderName): ProviderSchema => {
  const text = readFileSync(new URL(`./schemas/${name}.json`, import.meta.url), 'utf8');
  const { provider_schemas: schemas } = JSON.parse(text) as { provider_schemas: Record<string, ProviderSchema> };
  const schema = schemas[`registry.terraform.io/${TERRAFORM_PROVIDERS[name].source}`];
  if (schema === undefined) throw new SpecError(`schemas/${name}.json has no ${TERRAFORM_PROVIDERS[name].source}`);
  return schema;
};

const isExpression = (value: unknown): value is string => typeof value === 'string' && value.includes('${');

const fits = (value: unknown, type: Type): boolean => {
  if (isExpression(value)) return true;
  if (type === 'string') return typeof value === 'string';
  if (type === 'number') return typeof value === 'number';
  if (type === 'bool') return typeof value === 'boolean';
  const [collection, element] = type;
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) !== (collection === 'map') && Object.values(value).every((item) => fits(item, element));
};

const faultsOfAttribute = (value: unknown, attribute: Attribute, path: string): string[] => {
  const { type, required = false, optional = false, sensitive = false, deprecated = false } = attribute;
  if (!required && !optional) return [`${path} is given by the provider and can't be set`];
  return [
    ...(deprecated ? [`${path} is deprecated`] : []),
    ...(sensitive && !isExpression(value) ? [`${path} is a secret and stands here as a plain value`] : []),
    ...(type !== undefined && !fits(value, type) ? [`${path} is not of type ${JSON.stringify(type)}`] : []),
  ];
};

const faultsOfBlock = (given: Arguments, block: Block, path: string): string[] => {
  const { attributes = {}, block_types: blocks = {} } = block;
  const needed = [
    ...Object.keys(attributes).filter((name) => attributes[name]?.required === true),
    ...Object.keys(blocks).filter((name) => (blocks[name]?.min_items ?? 0) > 0),
  ];
  const faults = needed.filter((name) => !(name in given)).map((name) => `${path}.${name} is missing`);
  for (const [name, value] of Object.entries(given)) {
    const [attribute, nested] = [attributes[name], blocks[name]];
    if (attribute !== undefined) faults.push(...faultsOfAttribute(value, attribute, `${path}.${name}`));
    else if (nested !== undefined) {
      for (const inner of [value].flat())
        faults.push(...faultsOfBlock(inner as Arguments, nested.block, `${path}.${name}`));
    } else if (name !== 'depends_on') faults.push(`${path}.${name} is not an argument of it`);
  }
  return faults;
};

const REFERENCE = /(?<![\w.])(data\.)?([a-z][a-z0-9]*_[a-z0-9_]+)\.([a-z][a-z0-9_-]*)\.([a-z_]+)/g;

const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
};

/**
 * Whether a stack is what its providers take: arguments, their types, what is required, and that what an expression refers to is there.
 * @throws SpecError with all that is wrong
 */
export const checkStack = ({ name, providers, data = {}, resource }: TerraformStack): void => {
  const schemas = (Object.keys(providers) as ProviderName[]).map((provider) => ({
    provider,
    schema: schemaOf(provider),
  }));
  const blockOf = (kind: 'resource' | 'data', type: string): Block | undefined =>
    schemas
      .map(({ schema }) => (kind === 'data' ? schema.data_source_schemas : schema.resource_schemas)[type]?.block)
      .find((block) => block !== undefined);
  const faults = schemas.flatMap(({ provider, schema }) =>
    faultsOfBlock(providers[provider] ?? {}, withoutRequired(schema.provider.block), `provider.${provider}`),
  );
  for (const [kind, blocks] of [
    ['data', data],
    ['resource', resource],
  ] as const) {
    for (const [type, named] of Object.entries(blocks)) {
      const block = blockOf(kind, type);
      if (block === undefined) faults.push(`${kind}.${type} is of no provider of this stack`);
      else {
        for (const [label, given] of Object.entries(named)) {
          faults.push(...faultsOfBlock(given, block, `${kind}.${type}.${label}`));
        }
      }
    }
  }
  for (const [whole, isData, type = '', label = '', attribute = ''] of strings([data, resource])
    .filter(isExpression)
    .flatMap((text) => [...text.matchAll(REFERENCE)])) {
    const kind = isData === undefined ? 'resource' : 'data';
    const there = (kind === 'data' ? data : resource)[type]?.[label] !== undefined;
    if (!there || blockOf(kind, type)?.attributes?.[attribute] === undefined) faults.push(`${whole} refers to nothing`);
  }
  if (faults.length > 0) throw new SpecError(`Terraform stack "${name}": ${[...new Set(faults)].join('; ')}`);
};

/** A provider's required arguments may come from its environment, where the secret ones are. */
const withoutRequired = (block: Block): Block => ({
  ...block,
  attributes: Object.fromEntries(
    Object.entries(block.attributes ?? {}).map(([name, attribute]) => [
      name,
      { ...attribute, required: false, optional: true },
    ]),
  ),
});
