'use strict';
/**
 * Writes a workspace's schema.json: what the real provider says of itself, trimmed to the resources and data sources
 * that its package.json names under `bindings`. Run it in the workspace after a change of that list or of the provider:
 *
 *   npm run trim -w @cdktf/provider-proxmox                    (asks `terraform providers schema -json`)
 *   npm run trim -w @cdktf/provider-proxmox -- whole.json      (reads such an answer from a file)
 *
 * Terraform finds the provider through TF_CLI_CONFIG_FILE, as always (`npm run setup` prints the one it wrote).
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Host under which Terraform files its providers: part of every schema key. */
const HOST = 'registry.terraform.io';

/** The same value with the keys of each object in order, so that a new provider gives a diff of what it changed. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** The named members of one kind of schema. @throws Error naming every member that the provider does not have */
function pick(schemas, wanted, kind) {
  if (wanted === 'all') return schemas;
  const missing = wanted.filter((name) => !(name in schemas));
  if (missing.length > 0)
    throw new Error(`the provider has no ${kind} ${missing.join(', ')}: correct "bindings" in package.json`);
  return Object.fromEntries(wanted.map((name) => [name, schemas[name]]));
}

/**
 * The committed form of a provider's schema.
 * @param whole the answer of `terraform providers schema -json`
 * @param bindings the `bindings` of the workspace's package.json
 * @param version of the provider; becomes `providerVersion` of each class
 */
function trimSchema(whole, bindings, version) {
  // OpenTofu files the same provider under its own host.
  const key = Object.keys(whole.provider_schemas).find((name) => name.endsWith(`/${bindings.source}`));
  if (key === undefined)
    throw new Error(`no schema of ${bindings.source}: there is ${Object.keys(whole.provider_schemas).join(', ')}`);
  const schema = whole.provider_schemas[key];
  return sorted({
    format_version: whole.format_version,
    provider_schemas: {
      [`${HOST}/${bindings.source}`]: {
        provider: schema.provider,
        resource_schemas: pick(schema.resource_schemas, bindings.resources, 'resource'),
        data_source_schemas: pick(schema.data_source_schemas, bindings.dataSources, 'data source'),
      },
    },
    provider_versions: { [`${HOST}/${bindings.source}`]: version },
  });
}

/** The text of schema.json. */
const renderSchema = (schema) => `${JSON.stringify(schema, null, 1)}\n`;

/** Asks Terraform for the whole schema of one provider, in a temporary folder. */
function wholeSchema({ source, version }, env = process.env) {
  const terraform = env.TERRAFORM_BINARY_NAME || 'terraform';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'groundwork-schema-'));
  const run = (...args) =>
    execFileSync(terraform, args, {
      cwd: folder,
      env: { ...env, CHECKPOINT_DISABLE: '1' },
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  try {
    const name = source.split('/')[1];
    const configuration = { terraform: { required_providers: { [name]: { source, version } } } };
    fs.writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify(configuration));
    run('init', '-no-color');
    return JSON.parse(run('providers', 'schema', '-json').toString());
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function main(workspace, file) {
  const { bindings, version } = JSON.parse(fs.readFileSync(path.join(workspace, 'package.json'), 'utf8'));
  const whole = file ? JSON.parse(fs.readFileSync(file, 'utf8')) : wholeSchema({ source: bindings.source, version });
  fs.writeFileSync(path.join(workspace, 'schema.json'), renderSchema(trimSchema(whole, bindings, version)));
}

module.exports = { renderSchema, trimSchema, wholeSchema };
if (require.main === module) main(process.cwd(), process.argv[2]);
