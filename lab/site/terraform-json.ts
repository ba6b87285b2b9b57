/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** A resource or data source of a `cdk.tf.json`. */
export interface Block {
  /** As `proxmox_virtual_environment_vm`. */
  readonly type: string;
  readonly name: string;
  readonly body: Json;
}

/** The two texts that a reference consists of, `${type.name.…}` or `${data.type.name.…}`. */
export interface Reference {
  readonly type: string;
  readonly name: string;
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Terraform writes a nested block as an object or a list of them: always a list here. */
export const blocks = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isJson) : isJson(value) ? [value] : [];

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const REFERENCE = /\$\{(?:data\.)?([a-z][a-z0-9_]*)\.([A-Za-z_][\w-]*)[^}]*\}/g;

/** Everything that a text refers to. */
export const references = (value: unknown): readonly Reference[] =>
  typeof value === 'string'
    ? [...value.matchAll(REFERENCE)].map((match) => ({ type: match[1] ?? '', name: match[2] ?? '' }))
    : [];

/** A synthesized stack, by what it declares. */
export class TerraformJson {
  constructor(private readonly root: Json) {}

  resources(...types: readonly string[]): readonly Block[] {
    return this.blocksOf('resource', types);
  }

  dataSources(...types: readonly string[]): readonly Block[] {
    return this.blocksOf('data', types);
  }

  /** The configurations of a provider, aliases included. */
  providers(name: string): readonly Json[] {
    return isJson(this.root['provider']) ? blocks(this.root['provider'][name]) : [];
  }

  /** Names of input variables that have no default. */
  openVariables(): readonly string[] {
    const variables = this.root['variable'];
    if (!isJson(variables)) return [];
    return Object.entries(variables)
      .filter(([, body]) => isJson(body) && !('default' in body))
      .map(([name]) => name)
      .sort();
  }

  /** Version constraints by local name. */
  requiredProviders(): Readonly<Record<string, string>> {
    const [terraform] = blocks(this.root['terraform']);
    const [required] = blocks(terraform?.['required_providers']);
    return Object.fromEntries(
      Object.entries(required ?? {}).flatMap(([name, body]) => {
        const version = isJson(body) ? text(body['version']) : undefined;
        return version === undefined ? [] : [[name, version]];
      }),
    );
  }

  private blocksOf(kind: 'resource' | 'data', types: readonly string[]): readonly Block[] {
    const all = this.root[kind];
    if (!isJson(all)) return [];
    return types.flatMap((type) => {
      const named = all[type];
      return isJson(named)
        ? Object.entries(named).flatMap(([name, body]) => (isJson(body) ? [{ type, name, body }] : []))
        : [];
    });
  }
}
