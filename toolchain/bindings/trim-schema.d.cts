/** Types of trim-schema.cjs, for its tests. */
export interface WholeSchema {
  format_version: string;
  provider_schemas: Record<
    string,
    {
      provider: unknown;
      resource_schemas: Record<string, unknown>;
      data_source_schemas: Record<string, unknown>;
      functions?: unknown;
    }
  >;
}
export interface Bindings {
  source: string;
  resources: readonly string[] | 'all';
  dataSources: readonly string[] | 'all';
}
export function trimSchema(whole: WholeSchema, bindings: Bindings, version: string): unknown;
export function renderSchema(schema: unknown): string;
export function wholeSchema(provider: { source: string; version: string }, env?: NodeJS.ProcessEnv): WholeSchema;
