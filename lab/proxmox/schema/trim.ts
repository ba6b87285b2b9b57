import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { ENDPOINTS } from '../endpoints/endpoints';
import { type ApiSchema, type Format, majorOf, type MethodSchema, schemaFile } from './schema';

/** Parameters whose names a schema without texts has lost, by method: qemu-server src/PVE/QemuServer.pm, pve-storage src/PVE/API2/Storage/Status.pm. */
const LOST: Readonly<Record<string, Format>> = (() => {
  const description = { type: 'string', optional: true, max_length: 8192 } as const;
  return {
    'POST /nodes/{node}/qemu': { description },
    'PUT /nodes/{node}/qemu/{vmid}/config': { description },
    'POST /nodes/{node}/qemu/{vmid}/config': { description },
    'POST /nodes/{node}/storage/{storage}/download-url': {
      checksum: { type: 'string', optional: true, extra: { requires: 'checksum-algorithm' } },
    },
  };
})();

const complete = (key: string, method: MethodSchema): MethodSchema => {
  const lost = LOST[key];
  return lost === undefined ? method : { ...method, parameters: { ...lost, ...method.parameters } };
};

/** Of a whole schema, the methods that the simulator answers. */
export const trim = (schema: ApiSchema): ApiSchema => ({
  version: schema.version,
  methods: Object.fromEntries(
    ENDPOINTS.map(({ method, path }) => `${method} ${path}`).flatMap((key) => {
      const found = schema.methods[key];
      return found === undefined ? [] : [[key, complete(key, found)] as const];
    }),
  ),
});

/**
 * Writes pve-8.json or pve-9.json from a file with all methods of Proxmox' API viewer (texts are not needed):
 * `{ "version": "9.2.3", "methods": { "GET /nodes": { "parameters": …, "permissions": …, "allowToken": … } } }`.
 * Usage: `node -r tsx/cjs lab/proxmox/schema/trim.ts <file>…`
 */
const main = async (files: readonly string[]): Promise<void> => {
  for (const file of files) {
    const whole = JSON.parse(readFileSync(file, 'utf8')) as ApiSchema;
    const text = await format(JSON.stringify(trim(whole)), { parser: 'json', printWidth: 120 });
    writeFileSync(schemaFile(majorOf(whole.version)), text);
  }
};

if (require.main === module) void main(process.argv.slice(2));
