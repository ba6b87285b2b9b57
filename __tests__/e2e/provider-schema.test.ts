import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSchema, trimSchema, wholeSchema, type Bindings } from '../../toolchain/bindings/trim-schema.cjs';
import { resolveToolchain } from '../../toolchain/manifest';

const providers = join(__dirname, '..', '..', 'providers');

describe('schemas that the bindings are generated from', () => {
  const { manifest } = resolveToolchain();
  const env = {
    ...process.env,
    TERRAFORM_BINARY_NAME: manifest.terraform,
    TF_CLI_CONFIG_FILE: manifest.terraformCliConfig,
  };

  test.each(['proxmox', 'talos'] as const)('%s: what the provider itself says', (name) => {
    const workspace = join(providers, name);
    const { bindings, version } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
      bindings: Bindings;
      version: string;
    };
    const committed = readFileSync(join(workspace, 'schema.json'), 'utf8');
    const inUse = manifest.providerVersions[name];
    const whole = wholeSchema({ source: bindings.source, version: inUse }, env);
    // A newer provider from the registry adds to it; it must still have every resource and data source that we name.
    if (inUse === version) expect(renderSchema(trimSchema(whole, bindings, version))).toBe(committed);
    else expect(Object.values(whole.provider_schemas)[0]).toMatchObject(namesOf(committed));
  });
});

const namesOf = (schema: string): object => {
  const { provider_schemas: schemas } = JSON.parse(schema) as {
    provider_schemas: Record<string, Record<'resource_schemas' | 'data_source_schemas', object>>;
  };
  const anything = (names: object = {}): object =>
    Object.fromEntries(Object.keys(names).map((name) => [name, expect.anything() as unknown]));
  const [only] = Object.values(schemas);
  return {
    resource_schemas: anything(only?.resource_schemas),
    data_source_schemas: anything(only?.data_source_schemas),
  };
};
