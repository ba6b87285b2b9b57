'use strict';
/**
 * Makes the bindings of one provider workspace: schema.json -> src/ (TypeScript) -> lib/ (JavaScript and declarations).
 * Called by npm as the workspace's `prepare`, in the workspace's folder. Does nothing where lib/ was made from this
 * very schema by this very generator. About 5 s on a free core, most of it tsc.
 */
const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** Everything that decides what is generated. */
function stampOf(workspace) {
  const hash = createHash('sha256');
  for (const file of ['schema.json', 'package.json', 'tsconfig.json'])
    hash.update(fs.readFileSync(path.join(workspace, file)));
  hash.update(fs.readFileSync(__filename));
  for (const name of ['@cdktf/provider-generator', 'typescript']) {
    hash.update(require(require.resolve(`${name}/package.json`, { paths: [workspace] })).version);
  }
  return hash.digest('hex');
}

async function writeSource(workspace, target) {
  // Otherwise @cdktf/commons, which asks `terraform version` while it loads, reports a failure of that over the network.
  process.env.CHECKPOINT_DISABLE ??= '1';
  // The root of the package wants jsii-pacmak, which it does not declare: hence the deep path.
  const { TerraformProviderGenerator } = require('@cdktf/provider-generator/lib/get/generator/provider-generator');
  const { ConstructsMakerProviderTarget, Language, TerraformProviderConstraint } = require('@cdktf/commons');
  const { CodeMaker } = require('codemaker');

  const schema = JSON.parse(fs.readFileSync(path.join(workspace, 'schema.json'), 'utf8'));
  const { bindings, version } = JSON.parse(fs.readFileSync(path.join(workspace, 'package.json'), 'utf8'));
  const constraint = new TerraformProviderConstraint(`${bindings.source}@${version}`);
  const code = new CodeMaker();
  new TerraformProviderGenerator(code, schema).generate(
    new ConstructsMakerProviderTarget(constraint, Language.TYPESCRIPT),
  );
  await code.save(target);
  return path.join(target, 'providers', bindings.source.split('/')[1]);
}

async function main(workspace) {
  const file = (...parts) => path.join(workspace, ...parts);
  const stamp = stampOf(workspace);
  const stampFile = file('lib', '.stamp');
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp) return;

  const draft = file('src.draft');
  for (const folder of [draft, file('src'), file('lib')]) fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(await writeSource(workspace, draft), file('src'));
  fs.rmSync(draft, { recursive: true });
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', workspace], { stdio: 'inherit' });
  // Last of all: an interrupted run leaves no stamp, and the next one starts anew.
  fs.writeFileSync(stampFile, stamp);
}

main(process.cwd()).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
