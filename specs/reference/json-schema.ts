import { z } from 'zod';
import { clusterSchema } from '../../modules/model/spec-schema';
import { documentedSections, type DocumentedSection } from './doc-comments';

/** The part of JSON Schema that a spec needs. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [keyword: string]: unknown;
}

/** The schema of a spec for editors: the one that checks it, with the doc comments of cluster-spec.ts as descriptions. */
export const clusterJsonSchema = (): JsonSchema => {
  const schema = z.toJSONSchema(clusterSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly; // of TypeScript's readonly: in JSON Schema it says something else
      // A section that may be left out: its fields have the defaults.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
    },
  }) as JsonSchema;
  return { title: 'Cluster', ...describe(schema, documentedSections(), 'ClusterSpec') };
};

const describe = (schema: JsonSchema, sections: ReadonlyMap<string, DocumentedSection>, name: string): JsonSchema => {
  const described = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, value]) => {
      const field = sections.get(name)?.fields.find((candidate) => candidate.name === key);
      if (field === undefined) return [key, value];
      const { section, text, defaultTag } = field;
      const inner = section === undefined ? value : describeInside(value, sections, section);
      const words = defaultTag?.startsWith('- ') === true ? ` When left out: ${defaultTag.slice(2)}.` : '';
      return [key, { description: `${text}${words}`, ...inner }];
    }),
  );
  return { ...schema, ...(schema.properties && { properties: described }) };
};

/** A section itself, each of its entries, or each of its items. */
const describeInside = (
  schema: JsonSchema,
  sections: ReadonlyMap<string, DocumentedSection>,
  section: string,
): JsonSchema => {
  if (schema.items !== undefined) return { ...schema, items: describeInside(schema.items, sections, section) };
  const { additionalProperties: entries } = schema;
  return typeof entries === 'object'
    ? { ...schema, additionalProperties: describeInside(entries, sections, section) }
    : describe(schema, sections, section);
};
