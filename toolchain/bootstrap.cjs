'use strict';
/**
 * The way in from a plain checkout: `node toolchain/bootstrap.cjs <command> [arguments]`, called by the npm scripts.
 * Checks Node, makes node_modules current, then hands over to main.ts.
 */
const path = require('node:path');
const { install, nodeProblem } = require('./installation.cjs');

const root = path.dirname(__dirname);
const [command, ...parameters] = process.argv.slice(2);

function main() {
  const problem = nodeProblem(process.versions.node, require('../package.json').engines.node);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 1;
  }
  const status = install(root);
  if (status !== 0) return status;
  process.chdir(root);
  require('tsx/cjs');
  return require('./main.ts').main(command, parameters);
}

Promise.resolve(main()).then((status) => process.exit(status));
