'use strict';
/**
 * The way in from a plain checkout: `node toolchain/bootstrap.cjs <command> [arguments]`, called by the npm scripts.
 * Checks Node, makes node_modules current, then hands over to main.ts.
 */
const path = require('node:path');
const { install, isCurrent } = require('./installation.cjs');
const { describeProblems, findEarlyProblems, nodeProblem } = require('./preconditions.cjs');

const root = path.dirname(__dirname);
const [command, ...parameters] = process.argv.slice(2);

function main() {
  const problem = nodeProblem(process.versions.node, require('../package.json').engines.node);
  if (problem !== undefined) return fail(problem);
  if (!isCurrent(root) && command !== 'test:unit') {
    const problems = findEarlyProblems(root, process.env);
    if (problems.length > 0) return fail(describeProblems(problems));
  }
  const status = install(root);
  if (status !== 0) return status;
  process.chdir(root);
  require('tsx/cjs');
  return require('./main.ts').main(command, parameters);
}

function fail(words) {
  process.stderr.write(`${words}\n`);
  return 1;
}

Promise.resolve(main()).then((status) => process.exit(status));
